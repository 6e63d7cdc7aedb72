package import Foundation
package import NetworkAddress

/// A guest's stay: from the accepted proof to the end. The control API calls it a site user.
package struct GuestSession: Sendable, Equatable, Identifiable {
    package let id: UUID
    package let siteID: UUID
    package let instanceID: UUID
    package let workspace: Workspace
    package var client: GatewayClient
    package var status: Status
    /// Why it is in that status, a stable word; nil when the status says it all.
    package var reason: String?
    package let strategy: Instance.Strategy
    package let couponID: UUID?
    package let identity: Identity?
    /// Kind of device as told by its user agent.
    package let device: String?
    /// Seconds it lasts, from the router's confirmation on.
    package var ttl: Int
    package let createdAt: Date
    /// When the router confirmed it first.
    package var authorizedAt: Date?
    /// When it ends: `ttl` after `authorizedAt`; before that, after `createdAt`.
    package var expiresAt: Date
    package var endedAt: Date?
    /// How often it went on at another MAC address.
    package var moves: Int
    /// What its resume code is found by; nil if it has none.
    package var resumeLookup: Int64?

    /// Where a session is in its life; the last three are ends.
    package enum Status: String, Sendable, CaseIterable {
        case connecting, active, expired, disconnected, failed
    }

    /// Who signed in at an identity provider.
    package struct Identity: Sendable, Equatable {
        package var provider: AuthIntegration.Provider
        /// The provider's stable key of the person.
        package var subject: String
        package var email: String?
        package var name: String?

        package init(provider: AuthIntegration.Provider, subject: String, email: String?, name: String?) {
            self.provider = provider
            self.subject = subject
            self.email = email
            self.name = name
        }
    }

    package init(
        id: UUID, siteID: UUID, instanceID: UUID, workspace: Workspace, client: GatewayClient,
        status: Status = .connecting,
        reason: String? = nil, strategy: Instance.Strategy, couponID: UUID? = nil, identity: Identity? = nil,
        device: String? = nil, ttl: Int, createdAt: Date, authorizedAt: Date? = nil, expiresAt: Date,
        endedAt: Date? = nil, moves: Int = 0, resumeLookup: Int64? = nil
    ) {
        self.id = id
        self.siteID = siteID
        self.instanceID = instanceID
        self.workspace = workspace
        self.client = client
        self.status = status
        self.reason = reason
        self.strategy = strategy
        self.couponID = couponID
        self.identity = identity
        self.device = device
        self.ttl = ttl
        self.createdAt = createdAt
        self.authorizedAt = authorizedAt
        self.expiresAt = expiresAt
        self.endedAt = endedAt
        self.moves = moves
        self.resumeLookup = resumeLookup
    }

    /// Connecting or active, and its time not over.
    package func isRunning(at now: Date) -> Bool {
        (status == .connecting || status == .active) && expiresAt > now
    }

    /// Whole seconds left at `now`, none below zero.
    package func secondsLeft(at now: Date) -> Int {
        max(0, Int(saturating: expiresAt.timeIntervalSince(now).rounded(.up)))
    }
}

/// Keeps sessions, and moves them through their life together with the router's orders.
package protocol SessionStore: Sendable {
    /// Nil if there is none, or no longer.
    func session(_ id: UUID) async throws -> GuestSession?
    /// The session of a device at a site: the active one, which no later try takes from its owner;
    /// else the newest, running or not.
    func latestSession(of client: MACAddress, at siteID: UUID) async throws -> GuestSession?
    /// Running sessions of a site at `address`: several if one device left it and another came.
    func runningSessions(at address: IPAddress, atSite siteID: UUID, now: Date) async throws -> [GuestSession]
    /// Running sessions of a device at its address, of any site.
    func runningSessions(of client: GatewayClient, now: Date) async throws -> [GuestSession]
    /// Since when the router has been asked to let the session's device through where it is now; nil if it has nothing
    /// more to confirm. An active session waits again after it has moved or was caught.
    func waitingSince(_ session: GuestSession) async throws -> Date?
    /// Running sessions of a site: what its router should hold.
    func runningSessions(atSite siteID: UUID, now: Date) async throws -> [GuestSession]
    /// The router has confirmed: `connecting` becomes `active`, its time starts at `now`; the order is done. Returns
    /// the session as it is then (one that has ended meanwhile stays ended). Any other running session of the device
    /// at the site ends as `disconnected`, reason `replaced`; not a try that began since, if this one was active
    /// before. Durable.
    func confirm(_ order: GatewayOrder, now: Date) async throws -> GuestSession?
    /// The router will not have it: `connecting` becomes `failed`, its coupon is given back; the order is done. A
    /// session that was let in before is not ended by its router's fault while it has time left: its order is kept.
    ///
    /// `mayHaveBegun`: the router may hold a part of it, which is taken back. If the device has another stay that
    /// runs, the router is told of that one instead.
    func fail(
        _ order: GatewayOrder, reason: String, mayHaveBegun: Bool, now: Date
    ) async throws -> GatewayOrder.GivenUp
    /// Writes an order to let a running session's device through again, at its present address, with the time that is
    /// left; earlier orders of the session are dropped. Returns the one that waits, if it is for the same address. Nil
    /// if the session is not running.
    func reauthorize(_ id: UUID, client: GatewayClient, now: Date) async throws -> GatewayOrder?
    /// Ends a running session and writes the order to revoke it, in one transaction. Nil if it was not running.
    func end(_ id: UUID, as status: GuestSession.Status, reason: String?, now: Date) async throws -> GatewayOrder?
    /// Marks sessions whose time is over as `expired`, with an order to revoke each;
    /// returns the orders. At most `limit`.
    func expireSessions(now: Date, limit: Int) async throws -> [GatewayOrder]
    /// Deletes the records of sessions that ended before `end`, at most `limit`; returns how many.
    func forgetSessions(endedBefore end: Date, limit: Int) async throws -> Int
}
