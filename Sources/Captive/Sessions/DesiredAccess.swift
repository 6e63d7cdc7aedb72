package import Foundation

/// The access that one session is due at its router.
package struct AccessGrant: Sendable, Equatable {
    package var session: GuestSession
    /// The client to authorize: the session's client, or the one that the session moves to.
    package var client: GatewayClient
    package var seconds: Int
    package var purpose: Purpose

    /// Why the device is authorized.
    package enum Purpose: String, Sendable {
        /// Starts the time of a `connecting` session.
        case begin
        /// Continues an active session on another device.
        case move
        /// Continues an active session on its own device.
        case restore
    }

    package init(session: GuestSession, client: GatewayClient, seconds: Int, purpose: Purpose) {
        self.session = session
        self.client = client
        self.seconds = seconds
        self.purpose = purpose
    }

    /// The device to authorize.
    package var device: SiteDevice { SiteDevice(siteID: session.siteID, mac: client.mac) }

    /// Maximum difference in seconds between the time given to the router and the time that is due when it responds.
    package static let tolerance = 30
}

/// What a router should hold for one device, as a function of the device's sessions.
package enum DesiredAccess: Sendable, Equatable {
    case authorize(AccessGrant)
    /// The device has to be deauthorized.
    case deauthorize(GatewayClient)
    /// The device has another active session, which the grant's session may not replace. The grant's session fails.
    case refuse(AccessGrant)
    /// Everything that is due has been attempted; the next attempt is due at `until`.
    case wait(until: Date)
    /// The router holds the desired state.
    case settled
}

extension DeviceState {
    /// The active session of the device itself.
    package func active(at now: Date) -> GuestSession? {
        sessions.first { $0.client.mac == device.mac && $0.status == .active && $0.isRunning(at: now) }
    }

    /// Returns the next step for the device.
    ///
    /// Access that has to continue or end comes first, then moves and new sessions in the order of their requests. A
    /// failed attempt waits for its time, so that a session that the router refuses does not delay the others.
    ///
    /// - Parameters:
    ///   - isSuspect: whether the router may differ from what it has confirmed.
    ///   - attempts: when the access of a session may be attempted again; the key nil stands for a revocation.
    package func next(at now: Date, isSuspect: Bool = false, notBefore attempts: [UUID?: Date] = [:]) -> DesiredAccess {
        let requests = sessions.filter { $0.client.mac != device.mac || $0.status == .connecting }
            .filter { $0.isRunning(at: now) }.sorted { requested($0) < requested($1) }
        if let occupied = requests.first(where: { isOccupied(for: $0, at: now) }) {
            return .refuse(grant(to: occupied, at: now))
        }
        var steps: [(id: UUID?, step: DesiredAccess)] = []
        if let active = active(at: now) {
            if isSuspect || active.awaitingSince != nil || isRevoked(at: now) {
                steps.append((active.id, .authorize(grant(to: active, at: now))))
            }
        } else if let client = pending?.client, isRevoked(at: now) || isSuspect && requests.isEmpty {
            steps.append((nil, .deauthorize(client)))
        }
        steps += requests.map { ($0.id, .authorize(grant(to: $0, at: now))) }
        if let due = steps.first(where: { attempts[$0.id].map { $0 <= now } ?? true }) { return due.step }
        return steps.compactMap { attempts[$0.id] }.min().map { .wait(until: $0) } ?? .settled
    }

    /// Returns the grant that is due now for the session of `other`; nil if none is: the session has ended, is at
    /// another address, or its device is occupied.
    package func dueGrant(like other: AccessGrant, at now: Date) -> AccessGrant? {
        guard let session = sessions.first(where: { $0.id == other.session.id }), session.isRunning(at: now),
            !isOccupied(for: session, at: now)
        else { return nil }
        let due = grant(to: session, at: now)
        return due.client == other.client && due.purpose == other.purpose ? due : nil
    }

    /// Whether the router may hold access that has ended.
    private func isRevoked(at now: Date) -> Bool { pending?.revokeUntil.map { $0 > now } ?? false }

    /// When the access of a session that waits for the router was requested.
    private func requested(_ session: GuestSession) -> Date { session.move?.since ?? session.createdAt }

    /// Whether the device has an active session that `session` may not replace.
    private func isOccupied(for session: GuestSession, at now: Date) -> Bool {
        guard let active = active(at: now), active.id != session.id else { return false }
        return session.status != .connecting || session.replaces != active.id
    }

    private func grant(to session: GuestSession, at now: Date) -> AccessGrant {
        guard session.status == .connecting else {
            let move = session.client.mac == device.mac ? nil : session.move
            return AccessGrant(
                session: session, client: move?.client ?? session.client, seconds: session.secondsLeft(at: now),
                purpose: move == nil ? .restore : .move)
        }
        let carried = active(at: now).map { session.carried(from: $0, at: now) } ?? 0
        return AccessGrant(session: session, client: session.client, seconds: session.ttl + carried, purpose: .begin)
    }
}

extension GuestSession {
    /// Returns the seconds of `session`, which this session replaces, that are added to this session's own time: a
    /// guest who renews early loses no time. Adds only time between coupons of one instance: other instances have other
    /// terms, and each sign-in gives a complete session.
    package func carried(from session: GuestSession, at now: Date) -> Int {
        guard session.id == replaces, session.status == .active, session.client.mac == client.mac,
            session.siteID == siteID, session.instanceID == instanceID, couponID != nil, session.couponID != nil
        else { return 0 }
        return session.secondsLeft(at: now)
    }
}
