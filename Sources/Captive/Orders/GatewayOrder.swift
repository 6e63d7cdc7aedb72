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
