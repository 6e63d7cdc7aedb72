package import Foundation

/// A change to the database that follows from an event in a session's life.
package enum SessionChange: Sendable, Equatable {
    case insert(GuestSession)
    case update(GuestSession)
    /// The coupon is used by the session.
    case useCoupon(UUID, by: UUID)
    /// The coupon that the session used can be used again.
    case returnCoupon(UUID, of: UUID)
    /// The session has left the client.
    case recordMove(of: UUID, from: GatewayClient)
    /// The router of a device has to be brought to its desired state.
    case mark(PendingDevice)
    /// The router holds the desired state of a device.
    case unmark(SiteDevice)
}

/// The rules of sessions: computes the changes to write from an event and the stored sessions of a device.
///
/// Pure: the storage layer loads a `DeviceState`, calls the method of one event, and writes `changes` in the same
/// transaction. `Redemption`, `Admission`, `Resumption` and `Ownership` decide what a guest may do; `DesiredAccess`
/// computes what the router should hold afterwards.
package struct SessionLifecycle: Sendable {
    /// The state of the device after the changes.
    package private(set) var state: DeviceState
    /// In the order in which they have to be written.
    package private(set) var changes: [SessionChange] = []
    package let now: Date
    private let resumeCodes: ResumeCodes

    /// Seconds after the end of a session's time for which its revocation is attempted. The router itself ends what it
    /// authorized, so no device remains online beyond the granted time.
    package static let revocationTime: TimeInterval = 86_400

    package init(_ state: DeviceState, resumeCodes: ResumeCodes, now: Date) {
        self.state = state
        self.resumeCodes = resumeCodes
        self.now = now
    }

    // MARK: Events of guests

    /// A guest enters a code. `candidates`: the coupons that carry it.
    package mutating func redeem(
        _ redemption: Redemption, candidates: [Redemption.Candidate]
    ) -> Redemption.Outcome {
        switch redemption.verdict(on: candidates, device: state.sessions.filter(isHere)) {
        case .refuse(let refusal): return .refused(refusal)
        case .mustBeKnown: return .mustBeKnown
        case .online(let session): return .online(session)
        case .accept(let coupon, let replaced):
            var session = redemption.session(with: coupon)
            session.resumeLookup = resumeCodes.lookup(of: session.id, moves: 0)
            changes.append(.useCoupon(coupon.id, by: session.id))
            return .accepted(start(session, replacing: replaced, redemption.ownership))
        case .resume(let session):
            withdrawRequests(but: session.id, at: redemption.client, redemption.ownership)
            return .resumed(restore(session, at: redemption.client))
        case .bringBack(let session):
            let moves = candidates.first { $0.session?.id == session.id }?.moves ?? []
            if let until = Resumption.pause(of: session, after: moves, to: redemption.client) {
                return .tooOften(until: until)
            }
            return .resumed(bringBack(session, to: redemption.client))
        }
    }

    /// A guest has signed in at an identity provider.
    package mutating func admit(_ admission: Admission) -> Admission.Outcome {
        switch admission.verdict(device: state.sessions.filter(isHere)) {
        case .occupied: return .occupied
        case .mustBeKnown: return .mustBeKnown
        case .admit(let replaced): return .admitted(start(admission.session, replacing: replaced, admission.ownership))
        }
    }

    /// A guest continues `session`, which the proof names, on the device of `state`. `moves`: when the session moved in
    /// the last `Resumption.window` seconds.
    package mutating func resume(
        _ session: GuestSession, _ resumption: Resumption, moves: [Date]
    ) -> Resumption.Outcome {
        let client = resumption.client
        if let own = state.active(at: now), own.id != session.id { return .occupied(own) }
        if let until = Resumption.pause(of: session, after: moves, to: client) { return .tooOften(until: until) }
        withdrawRequests(but: session.id, at: client, resumption.ownership)
        if session.endedAt != nil { return .resumed(bringBack(session, to: client)) }
        if session.client.mac == client.mac { return .resumed(restore(session, at: client)) }
        var moving = session.move?.client == client ? session : cancelMove(of: session)
        moving.move = moving.move ?? GuestSession.PendingMove(client: client, since: now)
        update(moving)
        mark(client, at: session.siteID)
        return .resumed(session)
    }

    /// The router has intercepted the device of a running session at `client`, or does not authorize it any more.
    /// Returns nil if the session is not on that device (any more).
    package mutating func recapture(_ session: GuestSession, at client: GatewayClient) -> GuestSession? {
        guard session.client.mac == client.mac else { return nil }
        if session.status == .active, session.awaitingSince != nil, session.client == client { return session }
        return restore(session, at: client)
    }

    // MARK: Events of routers

    /// The router has carried out `grant`. The session's time begins, it has moved, or it continues; the device's
    /// previous session is replaced. A grant that is no longer due changes no session, and the router has to be
    /// corrected.
    package mutating func confirm(_ grant: AccessGrant) {
        guard let due = state.dueGrant(like: grant, at: now), abs(due.seconds - grant.seconds) <= AccessGrant.tolerance
        else { return correct(after: grant.client, of: grant.session, mayHaveBegun: true) }
        switch due.purpose {
        case .begin: begin(due.session)
        case .move: update(leave(due.session, for: due.client))
        case .restore:
            var session = due.session
            session.awaitingSince = nil
            if session != due.session { update(session) }
        }
        state.pending?.revokeUntil = nil
    }

    /// The router refuses `grant`, or the device is occupied. A `connecting` session fails and its coupon can be used
    /// again; a session that was to move stays where it is; a session that was to continue is not changed.
    ///
    /// - Parameter mayHaveBegun: whether the router may hold a part of the grant.
    package mutating func refuse(_ grant: AccessGrant, reason: String, mayHaveBegun: Bool) {
        guard grant.purpose != .restore, var session = state.sessions.first(where: { $0.id == grant.session.id }) else {
            return
        }
        if session.status == .connecting, session.client == grant.client {
            finish(session, as: .failed, reason: reason)
        } else if session.move?.client == grant.client {
            session.move = nil
            update(session)
        }
        // The router was not called for an occupied device, unless there was an earlier attempt.
        guard mayHaveBegun || reason != GuestSession.EndReason.occupied.rawValue else { return }
        correct(after: grant.client, of: grant.session, mayHaveBegun: mayHaveBegun)
    }

    /// The router does not authorize the device any more.
    package mutating func confirmRevocation() { state.pending?.revokeUntil = nil }

    // MARK: Ends

    /// A guest, an admin or the deletion of the instance ends a session that runs or may return. `renewals`: the
    /// sessions that were to replace it. They end with it, except when the guest signs out, who keeps what was paid for
    /// since.
    package mutating func end(_ session: GuestSession, reason: GuestSession.EndReason, renewals: [GuestSession] = []) {
        for renewal in renewals {
            if reason != .signedOut { replace(renewal) } else { detach(renewal) }
        }
        finish(session, as: .disconnected, reason: reason.rawValue)
        // The router may hold a part of a session that was never confirmed: restore the session that it was to replace.
        if session.status == .connecting, state.active(at: now) != nil {
            correct(after: session.client, of: session, mayHaveBegun: true)
        } else {
            revoke(session.client, of: session)
        }
    }

    /// The time of a session is over. A session that the router never confirmed has failed.
    package mutating func expire(_ session: GuestSession) {
        if session.status == .connecting {
            finish(session, as: .failed, reason: GatewayError.unreachable("").reason)
        } else {
            finish(session, as: .expired, reason: nil)
        }
        revoke(session.client, of: session)
    }

    // MARK: Marks

    /// Deletes the mark of the device if nothing is left to do, and writes it again otherwise. Returns true if nothing
    /// is left.
    package mutating func settle() -> Bool {
        guard let pending = state.pending else { return true }
        let isSettled = state.next(at: now) == .settled
        changes.append(.unmark(state.device))
        if !isSettled { changes.append(.mark(pending)) }
        return isSettled
    }

    /// The marked devices, in the order of the marks.
    package var marked: [SiteDevice] {
        changes.compactMap { if case .mark(let pending) = $0 { pending.device } else { nil } }
    }
}

extension SessionLifecycle {
    private func isHere(_ session: GuestSession) -> Bool { session.client.mac == state.device.mac }

    /// The session waits for the router. The session that it replaces runs until the router has confirmed this one.
    private mutating func start(
        _ session: GuestSession, replacing replaced: GuestSession?, _ ownership: Ownership
    ) -> GuestSession {
        var session = session
        session.replaces = replaced?.id
        withdrawRequests(but: session.id, at: session.client, ownership)
        state.sessions.append(session)
        changes.append(.insert(session))
        mark(session.client, at: session.siteID)
        return session
    }

    /// Withdraws earlier requests of the same guest at the same client. Other requests wait for the router's response,
    /// because the MAC address may be another guest's.
    private mutating func withdrawRequests(but id: UUID, at client: GatewayClient, _ ownership: Ownership) {
        for other in state.sessions
        where other.id != id && other.status == .connecting && other.client == client
            && ownership.covers(other, at: client)
        {
            replace(other)
        }
    }

    /// The session replaces no other session when it begins.
    private mutating func detach(_ session: GuestSession) {
        var session = session
        session.replaces = nil
        update(session)
    }

    /// The time of `session` starts. All other sessions of its device end.
    private mutating func begin(_ session: GuestSession) {
        var active = session
        // The session that was to be replaced may have moved or ended meanwhile.
        if !state.sessions.contains(where: { $0.id == session.replaces && isHere($0) }) { active.replaces = nil }
        for other in state.sessions where other.id != session.id && isHere(other) {
            active.ttl += session.carried(from: other, at: now)
            if other.isRunning(at: now) { replace(other) } else { finish(other, as: .expired, reason: nil) }
        }
        active.status = .active
        active.authorizedAt = now
        active.expiresAt = now.addingTimeInterval(Double(active.ttl))
        update(active)
    }

    /// The session continues at `client`, an address of its own device, where the router has to confirm it.
    private mutating func restore(_ session: GuestSession, at client: GatewayClient) -> GuestSession {
        var session = cancelMove(of: session)
        session.client.ip = client.ip
        if session.status == .active { session.awaitingSince = session.awaitingSince ?? now }
        update(session)
        mark(session.client, at: session.siteID)
        return session
    }

    /// A session that the guest signed out of becomes active again at `client`, where the router has to confirm it.
    private mutating func bringBack(_ session: GuestSession, to client: GatewayClient) -> GuestSession {
        var back = session.client.mac == client.mac ? session : leave(session, for: client)
        (back.status, back.reason, back.endedAt) = (.active, nil, nil)
        (back.client, back.awaitingSince) = (client, now)
        update(back)
        mark(client, at: back.siteID)
        return back
    }

    /// Returns the session without its pending move. The router may already have authorized the other device.
    private mutating func cancelMove(of session: GuestSession) -> GuestSession {
        guard let move = session.move else { return session }
        var session = session
        session.move = nil
        revoke(move.client, of: session)
        return session
    }

    /// Returns the session on another device, with a new resume code. Its access on the previous device has to be
    /// revoked.
    private mutating func leave(_ session: GuestSession, for client: GatewayClient) -> GuestSession {
        var moved = session
        moved.client = client
        (moved.move, moved.awaitingSince) = (nil, nil)
        moved.moves += 1
        moved.resumeLookup = session.resumeLookup.map { _ in resumeCodes.lookup(of: session.id, moves: moved.moves) }
        changes.append(.recordMove(of: session.id, from: session.client))
        revoke(session.client, of: session)
        return moved
    }

    /// Another session has replaced `session`.
    private mutating func replace(_ session: GuestSession) {
        finish(session, as: .disconnected, reason: GuestSession.EndReason.replaced.rawValue)
    }

    /// Ends `session`. A coupon whose session was never confirmed can be used again, unless the venue has ended the
    /// session.
    private mutating func finish(_ session: GuestSession, as status: GuestSession.Status, reason: String?) {
        var ended = cancelMove(of: session)
        (ended.status, ended.reason, ended.endedAt, ended.awaitingSince) = (status, reason, now, nil)
        update(ended)
        guard session.authorizedAt == nil, let couponID = session.couponID,
            !ended.hasEnded(.admin), !ended.hasEnded(.instanceDeleted)
        else { return }
        changes.append(.returnCoupon(couponID, of: session.id))
    }

    /// The router may hold access of `session` at `client` that is not valid. The active session of the device has to
    /// be confirmed again; without one, the device has to be disconnected. A device that the router never knew at that
    /// address is not changed, because its MAC address may be another guest's.
    private mutating func correct(after client: GatewayClient, of session: GuestSession, mayHaveBegun: Bool) {
        if var active = state.active(at: now) {
            guard mayHaveBegun || active.client == client else { return }
            active.awaitingSince = active.awaitingSince ?? now
            update(active)
            mark(active.client, at: active.siteID)
        } else if mayHaveBegun {
            revoke(client, of: session)
        }
    }

    private mutating func update(_ session: GuestSession) {
        state.sessions.removeAll { $0.id == session.id }
        let isOfDevice =
            session.siteDevice == state.device || session.move?.client.mac == state.device.mac
        if session.endedAt == nil, isOfDevice { state.sessions.append(session) }
        changes.append(.update(session))
    }

    private mutating func revoke(_ client: GatewayClient, of session: GuestSession) {
        mark(client, at: session.siteID, revokeUntil: max(session.expiresAt, now) + Self.revocationTime)
    }

    private mutating func mark(_ client: GatewayClient, at siteID: UUID, revokeUntil: Date? = nil) {
        let device = SiteDevice(siteID: siteID, mac: client.mac)
        let mark = PendingDevice(device: device, ip: client.ip, since: now, revokeUntil: revokeUntil)
        if device == state.device {
            let until = [state.pending?.revokeUntil, revokeUntil].compactMap { $0 }.max()
            state.pending = PendingDevice(
                device: device, ip: client.ip, since: state.pending?.since ?? now, revokeUntil: until)
        }
        changes.append(.mark(mark))
    }
}
