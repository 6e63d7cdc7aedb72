import Captive
import Foundation

extension SessionStore {
    /// Confirms an order for the time that is due, as the queue does; for what it gave, if nothing is due any more.
    /// Returns the session as it is then.
    func confirm(_ order: GatewayOrder, now: Date) async throws -> GuestSession? {
        var seconds = order.ttl
        if case .grant(let due) = try await due(order, now: now) { seconds = due }
        guard case .done(let session, _) = try await confirm(order, for: seconds, now: now) else { return nil }
        return session
    }
}
