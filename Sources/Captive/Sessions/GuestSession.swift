package import Foundation
package import NetworkAddress

/// A guest's access, from the accepted proof to the end. The control API calls it a site user.
package struct GuestSession: Sendable, Equatable, Identifiable {
    package let id: UUID
    package let siteID: UUID
    package let instanceID: UUID
    package let workspace: Workspace
    package var client: GatewayClient
    package var status: Status
    /// Why the session has its status, as a stable value; nil if the status needs no reason.
    package var reason: String?
    package let strategy: Instance.Strategy
    package let couponID: UUID?
    package let identity: Identity?
    /// Kind of device according to its user agent.
    package let device: String?
    /// Length in seconds, counted from the router's confirmation.
    package var ttl: Int
    package let createdAt: Date
    /// When the router first confirmed the session.
    package var authorizedAt: Date?
    /// When the session ends: `ttl` after `authorizedAt`, or after `createdAt` as long as the router has not confirmed
    /// it.
    package var expiresAt: Date
    package var endedAt: Date?
    /// The number of moves to another MAC address.
    package var moves: Int
    /// The value by which the session's resume code is found; nil if it has none.
    package var resumeLookup: Int64?
    /// The session of the same device that ends when the router confirms this one. The guest has proved to own both.
    package var replaces: UUID?
    /// The time since which an active session waits for the router to confirm it again on its device, such as at
    /// another IP address; nil if it does not wait.
    package var awaitingSince: Date?
    /// The device on which an active session continues once the router has confirmed it; nil if the session does not
    /// move.
    package var move: PendingMove?

    /// The states of a session; the last three are final.
    package enum Status: String, Sendable, CaseIterable {
        case connecting, active, expired, disconnected, failed
    }

    /// Why a session was ended deliberately. `reason` holds the raw value.
    package enum EndReason: String, Sendable {
        /// Another session of the device has replaced it.
        case replaced
        case signedOut = "signed_out"
        /// An admin has disconnected the device.
        case admin
        case instanceDeleted = "instance_deleted"
        /// The device has another session that does not belong to this guest.
        case occupied
    }

    /// A move to another MAC address that the router has not confirmed.
    package struct PendingMove: Sendable, Equatable {
        package var client: GatewayClient
        package var since: Date

        package init(client: GatewayClient, since: Date) {
            self.client = client
            self.since = since
        }
    }

    /// The person who signed in at an identity provider.
    package struct Identity: Sendable, Equatable {
        package var provider: AuthIntegration.Provider
        /// The provider's stable id of the person.
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
        endedAt: Date? = nil, moves: Int = 0, resumeLookup: Int64? = nil, replaces: UUID? = nil,
        awaitingSince: Date? = nil, move: PendingMove? = nil
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
        self.awaitingSince = awaitingSince
        self.move = move
    }

    /// The device of the session.
    package var siteDevice: SiteDevice { SiteDevice(siteID: siteID, mac: client.mac) }

    /// Whether the session was ended for `reason`.
    package func hasEnded(_ reason: EndReason) -> Bool { endedAt != nil && self.reason == reason.rawValue }

    /// Whether the guest signed out and may return. The bought time keeps running meanwhile.
    package func canReturn(at now: Date) -> Bool {
        hasEnded(.signedOut) && authorizedAt != nil && expiresAt > now
    }

    /// Whether the session is connecting or active, and its time is not over.
    package func isRunning(at now: Date) -> Bool {
        (status == .connecting || status == .active) && expiresAt > now
    }

    /// Whole seconds left at `now`, at least zero.
    package func secondsLeft(at now: Date) -> Int {
        max(0, Int(saturating: expiresAt.timeIntervalSince(now).rounded(.up)))
    }
}

/// The data for a session's status page, read in one transaction.
package struct SessionStanding: Sendable, Equatable {
    package var session: GuestSession
    /// The session that replaces this one when the router confirms it; nil if there is none.
    package var renewal: GuestSession?
    package var device: MACAddress

    package init(session: GuestSession, renewal: GuestSession? = nil, device: MACAddress) {
        self.session = session
        self.renewal = renewal
        self.device = device
    }

    /// Whether the session waits to move to the device.
    package var isArriving: Bool { session.move?.client.mac == device }

    /// The time since which the router has to confirm the session on the device; nil if it has confirmed it.
    package var waitingSince: Date? {
        if session.status == .connecting { return session.createdAt }
        if isArriving { return session.move?.since }
        return session.awaitingSince ?? renewal?.createdAt
    }
}
