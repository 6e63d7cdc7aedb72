import Captive
import Foundation

extension SessionStore {
    /// Confirms an order for the time that is due, as the queue does, or for the time in the order if none is due.
    /// Returns the confirmed session.
    func confirm(_ order: GatewayOrder, now: Date) async throws -> GuestSession? {
        var seconds = order.ttl
        if case .grant(let due) = try await due(order, now: now) { seconds = due }
        guard case .done(let session, _) = try await confirm(order, for: seconds, now: now) else { return nil }
        return session
    }
}
