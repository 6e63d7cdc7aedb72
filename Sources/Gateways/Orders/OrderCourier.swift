internal import Captive
internal import Foundation

/// Carries out one try of one order: asks the books whether it still counts, tells the router, and writes down that it is
/// done.
struct OrderCourier: Sendable {
    let gateways: any GatewayDirectory
    let sessions: any SessionStore
    let orders: any OrderStore
    let now: WallClock

    enum Outcome {
        case delivered
        /// The books say that nobody needs it any more.
        case pointless
        /// Its deadline is over.
        case overdue
        case failed(GatewayError)
        case storeFailed(String)
    }

    func deliver(_ entry: DeliveryEntry) async -> Outcome {
        guard entry.order.deadline > now() else { return .overdue }
        do {
            guard let ttl = try await remainingTime(entry) else {
                try await orders.finish(entry.order)
                return .pointless
            }
            let gateway = try await gateway(for: entry.order)
            switch entry.order.kind {
            case .authorize:
                try await gateway.authorize(entry.order.client, for: ttl)
                _ = try await sessions.confirm(entry.order, now: now())
            case .revoke:
                try await gateway.revoke(entry.order.client)
                try await orders.finish(entry.order)
            }
            return .delivered
        } catch let error as GatewayError {
            return .failed(error)
        } catch {
            return .storeFailed(String(describing: type(of: error)))
        }
    }

    /// The order has no hope: its session fails, so that its coupon is given back.
    func giveUp(_ entry: DeliveryEntry, reason: String) async throws {
        guard entry.order.kind == .authorize else { return try await orders.finish(entry.order) }
        await undo(entry)
        _ = try await sessions.fail(entry.order, reason: reason, now: now())
    }

    /// The router may have done what it did not confirm. Not for a pair that it does not hold: the MAC address may be a
    /// stranger's, who must not be cut off.
    private func undo(_ entry: DeliveryEntry) async {
        guard let error = entry.lastError, error != .deviceMismatch, error != .deviceNotSeen else { return }
        let gateway = try? await gateway(for: entry.order)
        try? await gateway?.revoke(entry.order.client)
    }

    private func gateway(for order: GatewayOrder) async throws -> any Gateway {
        guard let gateway = try await gateways.gateway(for: order.siteID) else {
            throw GatewayError.misconfigured("the site has no router settings")
        }
        return gateway
    }

    /// Seconds that the router is to let the device through, 0 for a revocation; nil if the order is pointless.
    private func remainingTime(_ entry: DeliveryEntry) async throws -> Int? {
        let order = entry.order
        guard order.kind == .authorize else { return try await isReplaced(order) ? nil : 0 }
        // The first try of an order that was just written needs no look into the books.
        guard entry.isOld || entry.attempts > 1 else { return order.ttl }
        guard let session = try await sessions.session(order.sessionID), session.isRunning(at: now()) else {
            return nil
        }
        return session.status == .connecting ? order.ttl : session.secondsLeft(at: now())
    }

    /// True if the router has let the device in for another stay since: cutting it off would end that one.
    private func isReplaced(_ order: GatewayOrder) async throws -> Bool {
        let latest = try await sessions.latestSession(of: order.client.mac, at: order.siteID)
        guard let latest, latest.id != order.sessionID else { return false }
        return latest.status == .active && latest.isRunning(at: now())
    }
}
