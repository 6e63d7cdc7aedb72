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
                if !entry.isRepair { try await orders.finish(entry.order) }
                return .pointless
            }
            let gateway = try await gateway(for: entry.order)
            if entry.isRepair { return try await repair(entry.order, for: ttl, on: gateway) }
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

    /// What a comparison found: the books know it already. A session may have ended meanwhile on another node, its
    /// revocation being done before.
    private func repair(_ order: GatewayOrder, for ttl: Int, on gateway: any Gateway) async throws -> Outcome {
        guard order.kind == .authorize else {
            try await gateway.revoke(order.client)
            return .delivered
        }
        try await gateway.authorize(order.client, for: ttl)
        if try await sessions.session(order.sessionID)?.isRunning(at: now()) != true {
            try await gateway.revoke(order.client)
        }
        return .delivered
    }

    /// The order has no hope: its session fails, so that its coupon is given back. A repair's session stays as it is.
    func giveUp(_ entry: DeliveryEntry, reason: String) async throws {
        if entry.isRepair { return }
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
        guard order.kind == .authorize else { return try await isNeeded(entry) ? 0 : nil }
        // The first try of an order that was just written needs no look into the books.
        guard entry.origin != .fresh || entry.attempts > 1 else { return order.ttl }
        guard let session = try await sessions.session(order.sessionID), session.isRunning(at: now()) else {
            return nil
        }
        if entry.isRepair { return session.client == order.client ? session.secondsLeft(at: now()) : nil }
        return session.status == .connecting ? order.ttl : session.secondsLeft(at: now())
    }

    /// False for a revocation if the router has let the device in for another stay since, which it would end; for a
    /// repair, if the device has any stay.
    private func isNeeded(_ entry: DeliveryEntry) async throws -> Bool {
        let order = entry.order
        let latest = try await sessions.latestSession(of: order.client.mac, at: order.siteID)
        guard let latest, latest.id != order.sessionID, latest.isRunning(at: now()) else { return true }
        return latest.status == .connecting && !entry.isRepair
    }
}
