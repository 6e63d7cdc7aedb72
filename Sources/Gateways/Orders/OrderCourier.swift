internal import Captive
internal import Foundation

/// Carries out one try of one order: asks the books whether it still counts, tells the router, and writes down that it
/// is done.
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
            return .storeFailed(String(describing: error))
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

    /// The order has no hope: a session that was never let in fails, so that its coupon is given back. A repair's
    /// session stays as it is.
    func giveUp(_ entry: DeliveryEntry, reason: String) async throws -> GatewayOrder.GivenUp {
        if entry.isRepair { return .done(instead: nil) }
        guard entry.order.kind == .authorize else {
            // Nothing else cuts a device off before its time.
            if entry.order.deadline > now() { return .kept }
            try await orders.finish(entry.order)
            return .done(instead: nil)
        }
        return try await sessions.fail(
            entry.order, reason: reason, mayHaveBegun: entry.mayHaveBegun, now: now())
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
        // Whatever its age, it may have waited behind others: the session may have ended, or gone on to another
        // address.
        guard let session = try await sessions.session(order.sessionID), session.isRunning(at: now()),
            session.client == order.client
        else { return nil }
        return session.status == .connecting && !entry.isRepair ? order.ttl : session.secondsLeft(at: now())
    }

    /// False for a revocation if the device has been let in since, for another stay or again for this one, which it
    /// would end; for a repair, if the device has any stay.
    private func isNeeded(_ entry: DeliveryEntry) async throws -> Bool {
        let order = entry.order
        let latest = try await sessions.latestSession(of: order.client.mac, at: order.siteID)
        guard let latest, latest.isRunning(at: now()) else { return true }
        return latest.status == .connecting && !entry.isRepair
    }
}
