package import Captive
import Foundation
package import Logging
package import Storage
import Synchronization

/// Sends the deliveries in the outbox until each is accepted or has failed for good. If a node stops between sending a
/// delivery and recording it, the delivery is sent again with the same id. Several nodes may share one outbox.
package final class NotificationSender: Sendable {
    /// Suspends the task, and throws when it is cancelled. Tests replace it.
    package typealias Sleep = @Sendable (Duration) async throws -> Void

    private let store: Store
    /// Nil if no mail server is configured.
    private let mail: (any NotificationChannel)?
    private let webhooks: any NotificationChannel
    private let backoff = RetryBackoff()
    private let now: WallClock
    private let sleep: Sleep
    private let logger: Logger
    private let slots = Mutex(DeliverySlots())
    private let (polls, poll) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    private static let interval: Duration = .seconds(2)
    /// Seconds until another node may take over a delivery; longer than any attempt.
    private static let lease: TimeInterval = 60

    /// `now` and `sleep` are replaced by tests.
    package init(
        store: Store, mail: (any NotificationChannel)?,
        webhooks: any NotificationChannel, logger: Logger, now: @escaping WallClock = { Date() },
        sleep: @escaping Sleep = { try await Task.sleep(for: $0) }
    ) {
        self.store = store
        self.mail = mail
        self.webhooks = webhooks
        self.now = now
        self.sleep = sleep
        self.logger = logger
    }

    /// Polls the outbox now, every two seconds and after each delivery, until the task is cancelled. Call it once.
    package func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.tick() }
            for await _ in polls where !Task.isCancelled {
                for delivery in await claim() { group.addTask { await self.deliver(delivery) } }
            }
            group.cancelAll()
        }
    }

    private func tick() async {
        repeat { poll.yield() } while (try? await sleep(Self.interval)) != nil
        poll.finish()
    }

    private func claim() async -> [NotificationDelivery] {
        let slots = slots.withLock(\.self)
        guard slots.hasFree else { return [] }
        do {
            let claimed = try await store.claimDeliveries(now: now(), lease: now() + Self.lease, slots: slots)
            self.slots.withLock { slots in
                for delivery in claimed { _ = slots.acquire(delivery.workspace) }
            }
            return claimed
        } catch {
            if !Task.isCancelled {
                logger.error("cannot read the outbox; will retry", metadata: ["error": "\(error)"])
            }
            return []
        }
    }

    private func deliver(_ delivery: NotificationDelivery) async {
        let outcome = await outcome(of: delivery)
        // In an unstructured task, so that a cancellation does not prevent recording a sent delivery.
        await Task { await self.record(outcome, of: delivery) }.value
        slots.withLock { $0.release(delivery.workspace) }
        poll.yield()
    }

    private enum Outcome {
        case delivered
        /// The group was deleted or no longer has the target.
        case obsolete
        case failed(DeliveryFailure)
        /// The portal is stopping.
        case cancelled
    }

    private func outcome(of delivery: NotificationDelivery) async -> Outcome {
        do {
            guard let group = try await store.group(of: delivery), group.targets.contains(delivery.target) else {
                return .obsolete
            }
            guard let instance = try await store.instance(delivery.notification.instanceID) else {
                return .failed(DeliveryFailure("The instance was deleted.", isFinal: true))
            }
            let context = NotificationContext(group: group, instanceName: instance.name, now: now())
            try await send(delivery, context)
            return .delivered
        } catch {
            guard !Task.isCancelled else { return .cancelled }
            return .failed(error as? DeliveryFailure ?? DeliveryFailure("The database cannot be read."))
        }
    }

    private func send(_ delivery: NotificationDelivery, _ context: NotificationContext) async throws(DeliveryFailure) {
        switch delivery.target {
        case .webhook: try await webhooks.deliver(delivery, context)
        case .email:
            guard let mail else { throw DeliveryFailure("No mail server is configured (smtp.url, smtp.from).") }
            try await mail.deliver(delivery, context)
        }
    }

    private func record(_ outcome: Outcome, of delivery: NotificationDelivery) async {
        do {
            switch outcome {
            case .delivered:
                logger.info("notification delivered", metadata: delivery.metadata())
                try await store.finish(delivery, state(.delivered, delivery))
            case .obsolete:
                try await store.finish(
                    delivery, state(.failed, delivery, "The group was deleted or no longer has this target."))
            case .failed(let failure): try await record(failure, of: delivery)
            case .cancelled: try await store.postpone(delivery, until: now(), nil)
            }
        } catch {
            // The delivery is retried when its lease ends.
            logger.error("cannot write to the outbox", metadata: delivery.metadata(["error": "\(error)"]))
        }
    }

    private func record(_ failure: DeliveryFailure, of delivery: NotificationDelivery) async throws {
        let notification = delivery.notification
        let next = backoff.next(
            after: delivery.attempts, created: notification.createdAt, expires: notification.expiresAt, now: now(),
            chance: .random(in: 0...1))
        let metadata = delivery.metadata(["reason": "\(failure.reason)"])
        if !failure.isFinal, let next {
            logger.warning("notification not delivered; will retry", metadata: metadata)
            try await store.postpone(delivery, until: next, state(.retrying, delivery, failure.reason))
        } else {
            logger.error("notification failed", metadata: metadata)
            try await store.finish(delivery, state(.failed, delivery, failure.reason))
        }
    }

    private func state(
        _ status: DeliveryState.Status, _ delivery: NotificationDelivery, _ reason: String? = nil
    ) -> DeliveryState {
        DeliveryState(target: delivery.target, status: status, reason: reason, at: now())
    }
}

extension NotificationDelivery {
    /// The target is not logged: an e-mail address is personal data, and a webhook's address may contain a key.
    fileprivate func metadata(_ more: Logger.Metadata = [:]) -> Logger.Metadata {
        let channel = target == .webhook ? "webhook" : "email"
        let own: Logger.Metadata = [
            "delivery": "\(id.text)", "group": "\(notification.groupID)", "schedule": "\(notification.scheduleID.text)",
            "channel": "\(channel)", "attempts": "\(attempts)",
        ]
        return own.merging(more) { $1 }
    }
}
