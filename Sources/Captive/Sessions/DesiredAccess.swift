package import Foundation

/// Lets one session's device through its router.
package struct AccessGrant: Sendable, Equatable {
    package var session: GuestSession
    /// Where the device is to be let through: the session's client, or the one that it moves to.
    package var client: GatewayClient
    package var seconds: Int
    package var purpose: Purpose

    /// Why the device is let through.
    package enum Purpose: String, Sendable {
        /// The time of a `connecting` session starts.
        case begin
        /// An active session continues on another device.
        case move
        /// An active session continues where it is.
        case restore
    }

    package init(session: GuestSession, client: GatewayClient, seconds: Int, purpose: Purpose) {
        self.session = session
        self.client = client
        self.seconds = seconds
        self.purpose = purpose
    }

    /// The device that the router lets through.
    package var device: SiteDevice { SiteDevice(siteID: session.siteID, mac: client.mac) }

    /// Seconds by which the time that the router was given may differ from the time that is due at its answer.
    package static let tolerance = 30
}

/// What a router should hold for one device, as a function of the device's sessions.
package enum DesiredAccess: Sendable, Equatable {
    case authorize(AccessGrant)
    /// The router lets the device through no more.
    case deauthorize(GatewayClient)
    /// The device has another active session, which the grant's session may not replace: that session fails.
    case refuse(AccessGrant)
    /// Everything that is to be done was tried and waits until then.
    case wait(until: Date)
    /// The router holds what it should.
    case settled
}

extension DeviceState {
    /// The active session of the device itself.
    package func active(at now: Date) -> GuestSession? {
        sessions.first { $0.client.mac == device.mac && $0.status == .active && $0.isRunning(at: now) }
    }

    /// Returns what is to be done next for the device.
    ///
    /// Access that is to continue or to end comes first, then moves and new sessions in the order of their requests.
    /// What was tried before waits for its time, so that one session that the router refuses delays no other.
    ///
    /// - Parameters:
    ///   - isSuspect: the router may differ from what it has confirmed.
    ///   - attempts: when the access of a session may be tried again; nil as key stands for a revocation.
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

    /// Returns the grant that the session of `other` is due now; nil if it is due none: the session has ended, is at
    /// another address, or finds the device occupied.
    package func dueGrant(like other: AccessGrant, at now: Date) -> AccessGrant? {
        guard let session = sessions.first(where: { $0.id == other.session.id }), session.isRunning(at: now),
            !isOccupied(for: session, at: now)
        else { return nil }
        let due = grant(to: session, at: now)
        return due.client == other.client && due.purpose == other.purpose ? due : nil
    }

    /// Whether the router may hold access that has ended.
    private func isRevoked(at now: Date) -> Bool { pending?.revokeUntil.map { $0 > now } ?? false }

    /// When the access of a session that waits for the router was asked for.
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
    /// Returns the seconds of `session`, which this one replaces, that are added to its own: a guest who renews early
    /// loses no time. Only coupons of one instance are added to one another: other instances have other terms, and each
    /// sign-in gives a whole session.
    package func carried(from session: GuestSession, at now: Date) -> Int {
        guard session.id == replaces, session.status == .active, session.client.mac == client.mac,
            session.siteID == siteID, session.instanceID == instanceID, couponID != nil, session.couponID != nil
        else { return 0 }
        return session.secondsLeft(at: now)
    }
}
