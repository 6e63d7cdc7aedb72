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
    /// The session of the same device that ends when the router confirms this one; its guest has shown to own both.
    package var replaces: UUID?

    /// Where a session is in its life; the last three are ends.
    package enum Status: String, Sendable, CaseIterable {
        case connecting, active, expired, disconnected, failed
    }

    /// Why a session was ended on purpose. Raw values are what `reason` holds.
    package enum EndReason: String, Sendable {
        /// Another session of the device has taken its place.
        case replaced
        case signedOut = "signed_out"
        /// An admin has disconnected the device.
        case admin
        case instanceDeleted = "instance_deleted"
        /// The device has another session that is not this guest's.
        case occupied
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
        endedAt: Date? = nil, moves: Int = 0, resumeLookup: Int64? = nil, replaces: UUID? = nil
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
        self.replaces = replaces
    }

    /// Whether it was ended for `reason`.
    package func hasEnded(_ reason: EndReason) -> Bool { endedAt != nil && self.reason == reason.rawValue }

    /// Whether its guest signed out and may come back: the time that was bought goes on by the clock.
    package func canReturn(at now: Date) -> Bool {
        hasEnded(.signedOut) && authorizedAt != nil && expiresAt > now
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
    /// The session that replaced another when the router confirmed it; nil if none did.
    func successor(of id: UUID) async throws -> GuestSession?
    /// The session, and what its router has yet to do for the device whose MAC address is `device`, read together. Nil
    /// if there is no such session, or no longer.
    func standing(of id: UUID, for device: MACAddress) async throws -> SessionStanding?
    /// Since when the router has been asked to let the session's device through where it is now; nil if it has nothing
    /// more to confirm. An active session waits again when it was caught at another address.
    func waitingSince(_ session: GuestSession) async throws -> Date?
    /// Running sessions of a site: what its router should hold.
    func runningSessions(atSite siteID: UUID, now: Date) async throws -> [GuestSession]
    /// What the router is to do for an order to authorize now (`GatewayOrder.due`).
    func due(_ order: GatewayOrder, now: Date) async throws -> GatewayOrder.Due
    /// The router has confirmed an order to authorize, for `seconds`. Durable.
    ///
    /// - A `connecting` session becomes `active` and its time starts at `now`. The session that it replaces ends as
    ///   `disconnected`, reason `replaced`, and gives it the time that is left.
    /// - An active session that moves is from now on at the order's client; its former place is to be revoked.
    /// - When a session begins, others of its device that are `connecting` end as `replaced`; their coupons are given
    ///   back.
    func confirm(_ order: GatewayOrder, for seconds: Int, now: Date) async throws -> GatewayOrder.Confirmation
    /// The router will not have it: `connecting` becomes `failed`, its coupon is given back; the order is done. A
    /// session that was let in before is not ended by its router's fault while it has time left: its order is kept;
    /// if it was to move, it stays where it is, and the order is done.
    ///
    /// `mayHaveBegun`: the router may hold a part of it, which is taken back. If the device has another session that
    /// is active, the router is told of that one instead.
    func fail(
        _ order: GatewayOrder, reason: String, mayHaveBegun: Bool, now: Date
    ) async throws -> GatewayOrder.GivenUp
    /// Writes an order to let a running session's device through again, at its present address, with the time that is
    /// left; earlier orders of the session are dropped. Returns the one that waits, if it is for the same address. Nil
    /// if the session is not running.
    func reauthorize(_ id: UUID, client: GatewayClient, now: Date) async throws -> GatewayOrder?
    /// Ends a running session and writes the order to revoke it, in one transaction; a session that was to replace it
    /// ends with it. Nil if it was not running. The coupon of a session that never was confirmed is given back, unless
    /// an admin has ended it.
    func end(
        _ id: UUID, as status: GuestSession.Status, reason: GuestSession.EndReason?, now: Date
    ) async throws -> GatewayOrder?
    /// Marks sessions whose time is over as `expired`, with an order to revoke each;
    /// returns the orders. At most `limit`.
    func expireSessions(now: Date, limit: Int) async throws -> [GatewayOrder]
    /// Deletes the records of sessions that ended before `end`, at most `limit`; returns how many.
    func forgetSessions(endedBefore end: Date, limit: Int) async throws -> Int
}

/// A session as its status page needs it: one state of the database.
package struct SessionStanding: Sendable, Equatable {
    package var session: GuestSession
    /// Since when the router has an order to let the device through that it has not confirmed, for this session or for
    /// another of the device; nil if there is none.
    package var waitingSince: Date?
    /// Whether the session is about to move to the device.
    package var isArriving: Bool

    package init(session: GuestSession, waitingSince: Date?, isArriving: Bool = false) {
        self.session = session
        self.waitingSince = waitingSince
        self.isArriving = isArriving
    }
}
