package import Captive
internal import Foundation
package import Logging

/// Ends the sessions whose time is over and has their devices cut off. The router does so by itself; this is for
/// routers that were away, and for the books.
package struct ExpiryWatch: Sendable {
    private let sessions: any SessionStore
    private let delivery: any OrderDelivery
    private let interval: Duration
    private let now: WallClock
    private let sleep: OrderQueue.Sleep
    private let logger: Logger
    private static let batch = 500

    /// Looks once in `interval`. `now` and `sleep` are for tests to decide.
    package init(
        sessions: any SessionStore, delivery: any OrderDelivery, logger: Logger, interval: Duration = .seconds(2),
        now: @escaping WallClock = { Date() },
        sleep: @escaping OrderQueue.Sleep = { try await Task.sleep(for: $0) }
    ) {
        self.sessions = sessions
        self.delivery = delivery
        self.interval = interval
        self.now = now
        self.sleep = sleep
        self.logger = logger
    }

    /// Watches until the task is cancelled.
    package func run() async {
        while !Task.isCancelled {
            do { try await expireAll() } catch {
                logger.error("sessions cannot be expired, trying again", metadata: ["error": "\(error)"])
            }
            guard (try? await sleep(interval)) != nil else { return }
        }
    }

    private func expireAll() async throws {
        var orders: [GatewayOrder]
        repeat {
            orders = try await sessions.expireSessions(now: now(), limit: Self.batch)
            for order in orders { delivery.submit(order) }
        } while orders.count == Self.batch && !Task.isCancelled
    }
}
