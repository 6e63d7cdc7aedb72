package import Foundation

/// Something that a site's router is to do for a session, kept until the router has confirmed it.
package struct GatewayOrder: Sendable, Equatable, Identifiable {
    package let id: UUID
    package let siteID: UUID
    package let sessionID: UUID
    package let kind: Kind
    package let client: GatewayClient
    /// Seconds to let the client through; 0 for `revoke`.
    package let ttl: Int
    package let createdAt: Date
    /// From then on it is pointless, and dropped.
    package let deadline: Date
    /// Deliveries tried so far.
    package var attempts: Int

    /// What the router is to do.
    package enum Kind: String, Sendable {
        case authorize, revoke
    }

    /// What the router is to do for an order to authorize, as the database stands.
    package enum Due: Sendable, Equatable {
        /// Let the client through for so many seconds.
        case grant(Int)
        /// Nothing: the order is done, or its session has ended or is at another address.
        case pointless
        /// Nothing: the device has another active session, which this one may not replace.
        case occupied
    }

    /// What became of an order that the router has carried out.
    package enum Confirmation: Sendable, Equatable {
        /// The session as it is now; nil if there is none any more. `then`: orders that follow from it, on disk.
        case done(GuestSession?, then: [GatewayOrder] = [])
        /// The time to grant has changed since the router was told. Nothing was written; the order stays.
        case outdated
    }

    /// What became of an order that the router will not carry out.
    package enum GivenUp: Sendable, Equatable {
        /// It is done with; what the router is to do instead, if anything, is on disk.
        case done(instead: GatewayOrder?)
        /// The session was let in before and has time left: it stays as it is, and so does the order.
        case kept
    }

    package init(
        id: UUID, siteID: UUID, sessionID: UUID, kind: Kind, client: GatewayClient, ttl: Int, createdAt: Date,
        deadline: Date, attempts: Int = 0
    ) {
        self.id = id
        self.siteID = siteID
        self.sessionID = sessionID
        self.kind = kind
        self.client = client
        self.ttl = ttl
        self.createdAt = createdAt
        self.deadline = deadline
        self.attempts = attempts
    }
}

extension GatewayOrder {
    /// Seconds by which the time told to the router may differ from the time due when it has confirmed.
    package static let tolerance = 30

    /// The rule of `Due` for an order to authorize `session`. `others`: the other running sessions of the order's
    /// device at the site.
    package func due(for session: GuestSession, among others: [GuestSession], now: Date) -> Due {
        guard session.isRunning(at: now), isFor(session) else { return .pointless }
        let active = others.first { $0.status == .active && $0.isRunning(at: now) }
        guard session.status == .connecting else {
            return active == nil ? .grant(session.secondsLeft(at: now)) : .occupied
        }
        guard let active else { return .grant(session.ttl) }
        return active.id == session.replaces ? .grant(session.ttl + session.carried(from: active, at: now)) : .occupied
    }

    /// Whether it is for where `session` is, or for the device that it is to move to. A session that was caught at
    /// another address of its device needs the order for that address alone.
    private func isFor(_ session: GuestSession) -> Bool { session.client == client || moves(session) }

    /// Whether its confirmation moves `session` to another device.
    package func moves(_ session: GuestSession) -> Bool {
        kind == .authorize && session.status == .active && session.client.mac != client.mac
    }
}

extension GuestSession {
    /// Seconds of `session`, which this one replaces, that are added to its own: a guest who renews early loses no
    /// time. Coupons of one instance are added to one another and nothing else is: other instances have other terms,
    /// and a sign-in gives a whole stay each time.
    package func carried(from session: GuestSession, at now: Date) -> Int {
        guard session.id == replaces, session.status == .active, session.client.mac == client.mac,
            session.siteID == siteID, session.instanceID == instanceID, couponID != nil, session.couponID != nil
        else { return 0 }
        return session.secondsLeft(at: now)
    }
}

/// Keeps orders until they are done.
package protocol OrderStore: Sendable {
    /// All orders that are not done, oldest first: what a portal that starts has to deliver.
    func pendingOrders() async throws -> [GatewayOrder]
    /// The order is done or pointless; nothing else changes.
    func finish(_ order: GatewayOrder) async throws
}

/// Delivers orders to routers.
package protocol OrderDelivery: Sendable {
    /// Takes an order that is on disk and delivers it, however long it takes. Returns at once.
    func submit(_ order: GatewayOrder)
    /// Waits until the order is delivered or given up, at most `limit`; false when it still is under way.
    func wait(for orderID: UUID, atMost limit: Duration) async -> Bool
}
