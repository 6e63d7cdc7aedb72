package import Foundation

/// A device's try to get in with a code.
package struct Redemption: Sendable {
    package var code: CouponCode
    package var instance: Instance
    package var siteID: UUID
    package var client: GatewayClient
    /// Kind of device as told by its user agent (`iPhone`, `Android`, …), for the books.
    package var device: String?
    package var now: Date
    /// The router knows the client's pair of MAC and IP address: a stay that runs elsewhere may move there.
    package var isKnown: Bool
    /// Ids for what is made, if the code is accepted.
    package var sessionID: UUID
    package var orderID: UUID

    package init(
        code: CouponCode, instance: Instance, siteID: UUID, client: GatewayClient, device: String?, now: Date,
        isKnown: Bool = false, sessionID: UUID = UUID(), orderID: UUID = UUID()
    ) {
        self.code = code
        self.instance = instance
        self.siteID = siteID
        self.client = client
        self.device = device
        self.now = now
        self.isKnown = isKnown
        self.sessionID = sessionID
        self.orderID = orderID
    }

    /// What became of a try.
    package enum Outcome: Sendable, Equatable {
        /// The coupon is used, the session `connecting` and the order written, all durably.
        case accepted(GuestSession, GatewayOrder)
        /// The same device entered the code of its running session again: the order is written anew.
        case resumed(GuestSession, GatewayOrder)
        case refused(Refusal)
        /// The device's session is let through at another address, which it would lose: to be tried again once the
        /// router is known to know this one. Nothing was changed.
        case mustBeKnown
    }

    /// Why a code lets nobody in. Nothing was changed.
    package enum Refusal: String, Sendable, CaseIterable {
        /// No coupon has it.
        case wrong
        /// Its time is over.
        case expired
        /// A device has used it.
        case used
        /// It belongs to another instance of the workspace.
        case foreign
    }

    /// What the store knows of a code: the rows that carry it, in any instance of the workspace.
    package struct Candidate: Sendable, Equatable {
        package var coupon: Coupon
        /// The session that used the coupon, if it is still `connecting` or `active`.
        package var session: GuestSession?

        package init(coupon: Coupon, session: GuestSession?) {
            self.coupon = coupon
            self.session = session
        }
    }

    /// What the rule says, before anything is written.
    package enum Verdict: Sendable, Equatable {
        case accept(Coupon)
        case resume(GuestSession)
        case refuse(Refusal)
    }

    /// The rule: a valid coupon of this instance wins; else this device's own running session;
    /// else the most telling refusal.
    package func verdict(on candidates: [Candidate]) -> Verdict {
        let own = candidates.filter { $0.coupon.instanceID == instance.id }
        if let valid = own.first(where: { $0.coupon.redeemedAt == nil && $0.coupon.expiresAt > now }) {
            return .accept(valid.coupon)
        }
        if let session = own.lazy.compactMap(\.session).first(where: isRunningHere) { return .resume(session) }
        if own.contains(where: { $0.coupon.redeemedAt != nil }) { return .refuse(.used) }
        if !own.isEmpty { return .refuse(.expired) }
        return .refuse(candidates.isEmpty ? .wrong : .foreign)
    }

    /// Seconds of the device's running stay that a new coupon is added to: who renews early loses no time. A stay in
    /// another instance has terms of its own.
    package func carriedSeconds(from others: [GuestSession]) -> Int {
        others.lazy.filter { $0.status == .active && $0.instanceID == instance.id && isRunningHere($0) }
            .map { $0.secondsLeft(at: now) }.max() ?? 0
    }

    private func isRunningHere(_ session: GuestSession) -> Bool {
        session.client.mac == client.mac && session.siteID == siteID && session.isRunning(at: now)
    }
}

/// Turns codes into sessions.
package protocol RedemptionStore: Sendable {
    /// Decides by `Redemption.verdict` and writes coupon, session and order in one transaction, which other redemptions
    /// may share. Returns when it is on disk. A try of the same device at the same address that still is `connecting`
    /// ends as `disconnected`, reason `replaced`, and has its coupon given back; other sessions of the device run on
    /// until the router confirms this one, which lasts for their remaining time as well (`Redemption.carriedSeconds`).
    func redeem(_ redemption: Redemption) async throws -> Redemption.Outcome
}
