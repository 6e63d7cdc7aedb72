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
        /// `then`: orders that follow from it, on disk.
        case delivered(then: [GatewayOrder] = [])
        /// The books say that nobody needs it any more.
        case pointless
        /// The device has another active session, which this one may not replace.
        case occupied
        /// Its deadline is over.
        case overdue
        case failed(GatewayError)
        case storeFailed(String)
    }

    func deliver(_ entry: DeliveryEntry) async -> Outcome {
        guard entry.order.deadline > now() else { return .overdue }
        do {
            if entry.isRepair { return try await repair(entry) }
            switch entry.order.kind {
            case .authorize: return try await authorize(entry.order)
            case .revoke: return try await revoke(entry)
            }
        } catch let error as GatewayError {
            return .failed(error)
        } catch {
            return .storeFailed("\(error)")
        }
    }

    /// Whatever its age, it may have waited behind others: the session may have ended, or gone on to another address.
    private func authorize(_ order: GatewayOrder) async throws -> Outcome {
        switch try await sessions.due(order, now: now()) {
        case .pointless:
            try await orders.finish(order)
            return .pointless
        case .occupied: return .occupied
        case .grant(let seconds):
            try await gateway(for: order).authorize(order.client, for: seconds)
            switch try await sessions.confirm(order, for: seconds, now: now()) {
            case .done(_, let then): return .delivered(then: then)
            case .outdated: return .failed(.busy("the time to grant has changed meanwhile"))
            }
        }
    }

    private func revoke(_ entry: DeliveryEntry) async throws -> Outcome {
        let isNeeded = try await isNeeded(entry)
        if isNeeded { try await gateway(for: entry.order).revoke(entry.order.client) }
        try await orders.finish(entry.order)
        return isNeeded ? .delivered() : .pointless
    }

    /// What a comparison found: the books know it already. A session may have ended meanwhile on another node, its
    /// revocation being done before.
    private func repair(_ entry: DeliveryEntry) async throws -> Outcome {
        let order = entry.order
        guard order.kind == .authorize else {
            guard try await isNeeded(entry) else { return .pointless }
            try await gateway(for: order).revoke(order.client)
            return .delivered()
        }
        guard let session = try await sessions.session(order.sessionID), session.isRunning(at: now()),
            session.client == order.client
        else { return .pointless }
        let gateway = try await gateway(for: order)
        try await gateway.authorize(order.client, for: session.secondsLeft(at: now()))
        if try await sessions.session(order.sessionID)?.isRunning(at: now()) != true {
            try await gateway.revoke(order.client)
        }
        return .delivered()
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

    /// False for a revocation if the device has been let in since, for another stay or again for this one, which it
    /// would end; for a repair, if the device has any stay.
    private func isNeeded(_ entry: DeliveryEntry) async throws -> Bool {
        let order = entry.order
        let latest = try await sessions.latestSession(of: order.client.mac, at: order.siteID)
        guard let latest, latest.isRunning(at: now()) else { return true }
        return latest.status == .connecting && !entry.isRepair
    }
}
