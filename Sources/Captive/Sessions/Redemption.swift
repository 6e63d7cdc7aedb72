package import Foundation

/// A request to use a code on a device.
package struct Redemption: Sendable {
    package var code: CouponCode
    package var instance: Instance
    package var siteID: UUID
    package var client: GatewayClient
    /// Kind of device according to its user agent (`iPhone`, `Android`, …), for the database.
    package var device: String?
    package var now: Date
    /// Proofs in the request that the device's sessions belong to the guest. A known pair of MAC and IP address permits
    /// a session that runs at another address to move there.
    package var ownership: Ownership
    /// The id of the session that an accepted code begins.
    package var sessionID: UUID

    package init(
        code: CouponCode, instance: Instance, siteID: UUID, client: GatewayClient, device: String?, now: Date,
        ownership: Ownership = Ownership(), sessionID: UUID = UUID()
    ) {
        self.code = code
        self.instance = instance
        self.siteID = siteID
        self.client = client
        self.device = device
        self.now = now
        self.ownership = ownership
        self.sessionID = sessionID
    }

    /// The result, which the store returns after the commit.
    package enum Outcome: Sendable, Equatable {
        /// The coupon is used and the session is `connecting`.
        case accepted(GuestSession)
        /// The code belongs to a session that is running or that the guest signed out of. The router has to confirm it
        /// again.
        case resumed(GuestSession)
        /// The device has this active session, which belongs to the guest, and the code belongs to another session.
        /// Nothing was changed.
        case online(GuestSession)
        case refused(Refusal)
        /// The result depends on whether the router confirms the client's pair of addresses. The caller asks the router
        /// and tries again. Nothing was changed.
        case mustBeKnown
        /// The code's session has moved too often, and may move again at `until`. Nothing was changed.
        case tooOften(until: Date)
    }

    /// Why a code is refused. Nothing was changed.
    package enum Refusal: String, Sendable, CaseIterable {
        /// No coupon has the code.
        case wrong
        /// The coupon expired unused.
        case expired
        /// Another device uses the coupon.
        case inUse = "in_use"
        /// The coupon's time is used up.
        case usedUp = "used_up"
        /// The venue has ended the coupon's session.
        case ended
        /// The coupon belongs to another instance of the workspace, or to a session at another site.
        case foreign
        /// The device has an active session that the guest has not proved to own. Reveals nothing about the code.
        case occupied
    }

    /// A coupon with the code, in any instance of the workspace, and the sessions that belong to it.
    package struct Candidate: Sendable, Equatable {
        package var coupon: Coupon
        /// The session that used the coupon; nil if there is none, or it was deleted.
        package var session: GuestSession?
        /// The session that has taken over its time; nil if none has.
        package var heir: GuestSession?
        /// When the session moved within the last `Resumption.window` seconds, oldest first.
        package var moves: [Date]

        package init(coupon: Coupon, session: GuestSession?, heir: GuestSession? = nil, moves: [Date] = []) {
            self.coupon = coupon
            self.session = session
            self.heir = heir
            self.moves = moves
        }
    }

    /// The result of the rule, before anything is written.
    package enum Verdict: Sendable, Equatable {
        /// `replacing`: the device's active session, which belongs to the guest.
        case accept(Coupon, replacing: GuestSession?)
        /// The code's own session runs on this device.
        case resume(GuestSession)
        /// The guest signed out of the code's own session, which has time left.
        case bringBack(GuestSession)
        case online(GuestSession)
        case refuse(Refusal)
        case mustBeKnown
    }

    /// Returns the result of the rule. `device`: the running sessions of the device at the site.
    ///
    /// The code that began the device's active session proves that the session belongs to the guest. Without this or
    /// another proof, the guest learns nothing about the code. Next, a valid coupon takes precedence, then the code's
    /// own session, then the most informative refusal.
    package func verdict(on candidates: [Candidate], device: [GuestSession] = []) -> Verdict {
        let own = candidates.filter { $0.coupon.instanceID == instance.id }
        let used = own.compactMap(\.session)
        let active = device.first { $0.status == .active && $0.isRunning(at: now) }
        if let active {
            if candidates.contains(where: { $0.session?.id == active.id }) { return resume(active) }
            guard ownership.covers(active, at: client) else {
                return ownership.needsRouter(for: active, at: client) ? .mustBeKnown : .refuse(.occupied)
            }
        }
        if let valid = own.first(where: { $0.coupon.redeemedAt == nil && $0.coupon.expiresAt > now }) {
            return .accept(valid.coupon, replacing: active)
        }
        if let active, own.contains(where: { $0.heir?.id == active.id }) { return .online(active) }
        if let session = used.first(where: isRunningHere) { return resume(session) }
        if let session = used.first(where: { $0.siteID == siteID && $0.canReturn(at: now) }) {
            if let active { return .online(active) }
            return ownership.isKnown || session.client == client ? .bringBack(session) : .mustBeKnown
        }
        return .refuse(refusal(own, isKnownElsewhere: !candidates.isEmpty))
    }

    /// A session moves to another address only if the router confirms that address: any request can name a device.
    private func resume(_ session: GuestSession) -> Verdict {
        let mayMove = session.status == .connecting || session.client == client || ownership.isKnown
        return mayMove ? .resume(session) : .mustBeKnown
    }

    private func refusal(_ own: [Candidate], isKnownElsewhere: Bool) -> Refusal {
        guard !own.isEmpty else { return isKnownElsewhere ? .foreign : .wrong }
        guard own.contains(where: { $0.coupon.redeemedAt != nil }) else { return .expired }
        let sessions = own.compactMap { $0.heir ?? $0.session }
        if let running = sessions.first(where: { $0.isRunning(at: now) || $0.canReturn(at: now) }) {
            guard running.siteID == siteID else { return .foreign }
            // The time of the code was added to another session of this device.
            return running.client.mac == client.mac ? .usedUp : .inUse
        }
        let isEnded = sessions.contains { $0.hasEnded(.admin) || $0.hasEnded(.instanceDeleted) }
        return isEnded ? .ended : .usedUp
    }

    private func isRunningHere(_ session: GuestSession) -> Bool {
        session.client.mac == client.mac && session.siteID == siteID && session.isRunning(at: now)
    }
}

extension Redemption {
    /// The `connecting` session that the coupon begins.
    func session(with coupon: Coupon) -> GuestSession {
        GuestSession(
            id: sessionID, siteID: siteID, instanceID: instance.id, workspace: instance.workspace, client: client,
            strategy: .coupon, couponID: coupon.id, device: device, ttl: instance.sessionTTL, createdAt: now,
            expiresAt: now.addingTimeInterval(Double(instance.sessionTTL)))
    }
}
