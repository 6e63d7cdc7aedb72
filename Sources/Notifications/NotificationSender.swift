package import Captive
import Foundation
package import Logging
import Synchronization

/// Delivers what is in the outbox until each delivery is taken or given up. A delivery whose node dies between sending
/// and noting it is sent again, with the same id. Several nodes may share one outbox.
package final class NotificationSender: Sendable {
    /// Waits; injected, so that tests need no time. Throws when the task is cancelled.
    package typealias Sleep = @Sendable (Duration) async throws -> Void

    private let outbox: any NotificationOutbox
    private let instances: any InstanceStore
    /// Nil where the operator has set no mail server.
    private let mail: (any NotificationChannel)?
    private let webhooks: any NotificationChannel
    private let pace = RetryBackoff()
    private let now: WallClock
    private let sleep: Sleep
    private let logger: Logger
    private let places = Mutex(DeliverySlots())
    private let (looks, look) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    private static let interval: Duration = .seconds(2)
    /// Seconds until another node may take over; longer than any try lasts.
    private static let lease: TimeInterval = 60

    /// `now` and `sleep` are for tests to decide.
    package init(
        outbox: any NotificationOutbox, instances: any InstanceStore, mail: (any NotificationChannel)?,
        webhooks: any NotificationChannel, logger: Logger, now: @escaping WallClock = { Date() },
        sleep: @escaping Sleep = { try await Task.sleep(for: $0) }
    ) {
        self.outbox = outbox
        self.instances = instances
        self.mail = mail
        self.webhooks = webhooks
        self.now = now
        self.sleep = sleep
        self.logger = logger
    }

    /// Looks at once, every two seconds, and after each delivery, until the task is cancelled; to be called once.
    package func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.tick() }
            for await _ in looks where !Task.isCancelled {
                for delivery in await claim() { group.addTask { await self.carry(delivery) } }
            }
            group.cancelAll()
        }
    }

    private func tick() async {
        repeat { look.yield() } while (try? await sleep(Self.interval)) != nil
        look.finish()
    }

    private func claim() async -> [NotificationDelivery] {
        let places = places.withLock(\.self)
        guard places.hasFree else { return [] }
        do {
            let claimed = try await outbox.claimDeliveries(now: now(), lease: now() + Self.lease, places: places)
            self.places.withLock { places in
                for delivery in claimed { _ = places.take(delivery.workspace) }
            }
            return claimed
        } catch {
            if !Task.isCancelled {
                logger.error("the outbox cannot be read, trying again", metadata: ["error": "\(error)"])
            }
            return []
        }
    }

    private func carry(_ delivery: NotificationDelivery) async {
        let outcome = await outcome(of: delivery)
        // Not to be broken off: what was sent must be noted.
        await Task { await self.note(outcome, of: delivery) }.value
        places.withLock { $0.give(delivery.workspace) }
        look.yield()
    }

    private enum Outcome {
        case delivered
        /// The group is gone, and whatever it waited for with it.
        case pointless
        case failed(DeliveryFailure)
        /// The portal stops.
        case brokenOff
    }

    private func outcome(of delivery: NotificationDelivery) async -> Outcome {
        do {
            guard let group = try await outbox.group(of: delivery), group.targets.contains(delivery.target) else {
                return .pointless
            }
            guard let instance = try await instances.instance(delivery.notification.instanceID) else {
                return .failed(DeliveryFailure("The instance was deleted.", isFinal: true))
            }
            let context = NotificationContext(group: group, instanceName: instance.name, now: now())
            try await send(delivery, context)
            return .delivered
        } catch {
            guard !Task.isCancelled else { return .brokenOff }
            return .failed(error as? DeliveryFailure ?? DeliveryFailure("The books cannot be read."))
        }
    }

    private func send(_ delivery: NotificationDelivery, _ context: NotificationContext) async throws(DeliveryFailure) {
        switch delivery.target {
        case .webhook: try await webhooks.deliver(delivery, context)
        case .email:
            guard let mail else { throw DeliveryFailure("No mail server is set (smtp.url, smtp.from).") }
            try await mail.deliver(delivery, context)
        }
    }

    private func note(_ outcome: Outcome, of delivery: NotificationDelivery) async {
        do {
            switch outcome {
            case .delivered:
                logger.info("notification delivered", metadata: delivery.metadata())
                try await outbox.finish(delivery, state(.delivered, delivery))
            case .pointless: try await outbox.finish(delivery, state(.failed, delivery, "The group is gone."))
            case .failed(let failure): try await note(failure, of: delivery)
            case .brokenOff: try await outbox.postpone(delivery, until: now(), nil)
            }
        } catch {
            // Its lease ends, and it is tried again.
            logger.error("the outbox cannot be written", metadata: delivery.metadata(["error": "\(error)"]))
        }
    }

    private func note(_ failure: DeliveryFailure, of delivery: NotificationDelivery) async throws {
        let notification = delivery.notification
        let next = pace.next(
            after: delivery.attempts, made: notification.createdAt, expires: notification.expiresAt, now: now(),
            chance: .random(in: 0...1))
        let metadata = delivery.metadata(["reason": "\(failure.reason)"])
        if !failure.isFinal, let next {
            logger.warning("notification not delivered, trying again", metadata: metadata)
            try await outbox.postpone(delivery, until: next, state(.retrying, delivery, failure.reason))
        } else {
            logger.error("notification given up", metadata: metadata)
            try await outbox.finish(delivery, state(.failed, delivery, failure.reason))
        }
    }

    private func state(
        _ status: DeliveryState.Status, _ delivery: NotificationDelivery, _ reason: String? = nil
    ) -> DeliveryState {
        DeliveryState(target: delivery.target, status: status, reason: reason, at: now())
    }
}

extension NotificationDelivery {
    /// Who is told stays out of the log: an address is a person's, a webhook's may hold a key.
    fileprivate func metadata(_ more: Logger.Metadata = [:]) -> Logger.Metadata {
        let channel = target == .webhook ? "webhook" : "email"
        let own: Logger.Metadata = [
            "delivery": "\(id.text)", "group": "\(notification.groupID)", "schedule": "\(notification.scheduleID.text)",
            "channel": "\(channel)", "attempts": "\(attempts)",
        ]
        return own.merging(more) { $1 }
    }
}
