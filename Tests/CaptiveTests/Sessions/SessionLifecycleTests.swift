import Captive
import Foundation
import NetworkAddress
import Testing

/// The rule of sessions, a test for each event and each case of it.
@Suite struct SessionLifecycleTests {
    private let fixture: SessionFixture
    private var now: Date { fixture.now }

    init() throws { fixture = try SessionFixture() }

    private func own(_ session: GuestSession) -> Ownership { Ownership(sessionID: session.id) }

    // MARK: Redeemed

    @Test func `a valid code uses the coupon, begins a connecting session and marks the device`() throws {
        let coupon = fixture.coupon
        var lifecycle = fixture.lifecycle()
        let outcome = lifecycle.redeem(fixture.redemption(), candidates: [.init(coupon: coupon, session: nil)])
        guard case .accepted(let session) = outcome else { return try #require(nil) }
        #expect(session.status == .connecting && session.couponID == coupon.id && session.replaces == nil)
        #expect(session.ttl == 3_600 && session.resumeLookup != nil)
        #expect(
            lifecycle.changes == [
                .useCoupon(coupon.id, by: session.id), .insert(session),
                .mark(PendingDevice(device: fixture.device, ip: fixture.client.ip, since: now)),
            ])
    }

    @Test func `a refused code changes nothing`() {
        var lifecycle = fixture.lifecycle()
        let outcome = lifecycle.redeem(fixture.redemption(), candidates: [])
        #expect(outcome == .refused(.wrong))
        #expect(lifecycle.changes.isEmpty)
    }

    @Test func `a renewal replaces the guest's active session, which runs on until the router confirms`() throws {
        let active = fixture.session(.active)
        var lifecycle = fixture.lifecycle(active)
        let outcome = lifecycle.redeem(
            fixture.redemption(own(active)), candidates: [.init(coupon: fixture.coupon, session: nil)])
        guard case .accepted(let session) = outcome else { return try #require(nil) }
        #expect(session.replaces == active.id)
        #expect(lifecycle.updated(active.id) == nil)
    }

    @Test func `a code withdraws the guest's earlier request, whose coupon is returned`() throws {
        let earlier = fixture.session(.connecting)
        var lifecycle = fixture.lifecycle(earlier)
        _ = lifecycle.redeem(
            fixture.redemption(own(earlier)), candidates: [.init(coupon: fixture.coupon, session: nil)])
        #expect(lifecycle.updated(earlier.id)?.hasEnded(.replaced) == true)
        #expect(lifecycle.returnedCoupons == [earlier.couponID])
    }

    @Test func `a code does not withdraw another guest's request, nor one at another address`() {
        let (foreign, away) = (fixture.session(.connecting), fixture.session(.connecting, at: fixture.elsewhere))
        var lifecycle = fixture.lifecycle(foreign, away)
        _ = lifecycle.redeem(fixture.redemption(own(away)), candidates: [.init(coupon: fixture.coupon, session: nil)])
        #expect(lifecycle.updated(foreign.id) == nil && lifecycle.updated(away.id) == nil)
    }

    @Test func `the code of a session that the guest signed out of makes it active again`() throws {
        var ended = fixture.session(.disconnected)
        (ended.reason, ended.endedAt) = ("signed_out", now - 5)
        var coupon = fixture.coupon
        coupon.redeemedAt = now - 600
        var lifecycle = fixture.lifecycle()
        let outcome = lifecycle.redeem(fixture.redemption(), candidates: [.init(coupon: coupon, session: ended)])
        guard case .resumed(let back) = outcome else { return try #require(nil) }
        #expect(back.status == .active && back.endedAt == nil && back.reason == nil && back.awaitingSince == now)
        #expect(back.expiresAt == ended.expiresAt && back.moves == 0)
        #expect(lifecycle.marked == [fixture.device])
    }

    @Test func `a session that returns too often to other devices has to wait`() {
        var ended = fixture.session(.disconnected, at: fixture.other)
        (ended.reason, ended.endedAt) = ("signed_out", now - 5)
        var coupon = fixture.coupon
        coupon.redeemedAt = now - 600
        let moves = [now - 300, now - 200, now - 100]
        var lifecycle = fixture.lifecycle()
        let outcome = lifecycle.redeem(
            fixture.redemption(Ownership(isKnown: true)),
            candidates: [.init(coupon: coupon, session: ended, moves: moves)])
        #expect(outcome == .tooOften(until: now - 300 + Resumption.window))
        #expect(lifecycle.changes.isEmpty)
    }

    // MARK: Resumed

    private func resumption(_ ownership: Ownership = Ownership()) throws -> Resumption {
        let code = try #require(ResumeCode(typed: "ABCD2345"))
        return Resumption(
            proof: .code(code), instanceID: fixture.instance.id, siteID: fixture.siteID, client: fixture.client,
            ownership: ownership, now: now)
    }

    @Test func `a session that is resumed on another device stays where it is until the router confirms`() throws {
        let session = fixture.session(.active, at: fixture.other)
        var lifecycle = fixture.lifecycle()
        let outcome = lifecycle.resume(session, try resumption(), moves: [])
        #expect(outcome == .resumed(session))
        #expect(lifecycle.updated(session.id)?.move == .init(client: fixture.client, since: now))
        #expect(lifecycle.updated(session.id)?.client == fixture.other)
        #expect(lifecycle.marked == [fixture.device])
    }

    @Test func `a second move cancels the first, which the router may have carried out`() throws {
        var session = fixture.session(.active, at: fixture.other)
        let third = GatewayClient(mac: try #require(.init("AA:BB:CC:DD:EE:03")), ip: fixture.elsewhere.ip)
        session.move = .init(client: third, since: now - 5)
        var lifecycle = fixture.lifecycle()
        _ = lifecycle.resume(session, try resumption(), moves: [])
        #expect(lifecycle.updated(session.id)?.move?.client == fixture.client)
        #expect(lifecycle.revoked == [SiteDevice(siteID: fixture.siteID, mac: third.mac)])
    }

    @Test func `a session is not resumed on a device that has an active session`() throws {
        let (session, own) = (fixture.session(.active, at: fixture.other), fixture.session(.active))
        var lifecycle = fixture.lifecycle(own)
        let outcome = lifecycle.resume(session, try resumption(), moves: [])
        #expect(outcome == .occupied(own))
        #expect(lifecycle.changes.isEmpty)
    }

    @Test func `a session moves three times in an hour`() throws {
        let session = fixture.session(.active, at: fixture.other)
        let moves = [now - 3_000, now - 200, now - 100]
        var lifecycle = fixture.lifecycle()
        let refused = lifecycle.resume(session, try resumption(), moves: moves)
        #expect(refused == .tooOften(until: now - 3_000 + Resumption.window))
        let resumed = lifecycle.resume(session, try resumption(), moves: Array(moves.dropFirst()))
        #expect(resumed == .resumed(session))
    }

    // MARK: Recaptured

    @Test func `a device that is intercepted at another address is to be confirmed there`() {
        let session = fixture.session(.active)
        var lifecycle = fixture.lifecycle(session)
        let recaptured = lifecycle.recapture(session, at: fixture.elsewhere)
        #expect(recaptured?.client == fixture.elsewhere && recaptured?.awaitingSince == now)
        #expect(lifecycle.marked == [fixture.device])
    }

    @Test func `a device that waits already is not marked again`() {
        var session = fixture.session(.active)
        session.awaitingSince = now - 5
        var lifecycle = fixture.lifecycle(session)
        let outcome = lifecycle.recapture(session, at: fixture.client)
        #expect(outcome == session)
        #expect(lifecycle.changes.isEmpty)
        #expect(lifecycle.recapture(session, at: fixture.elsewhere)?.awaitingSince == now - 5)
    }

    @Test func `a session that has moved to another device is not recaptured`() {
        let session = fixture.session(.active, at: fixture.other)
        var lifecycle = fixture.lifecycle()
        let outcome = lifecycle.recapture(session, at: fixture.client)
        #expect(outcome == nil)
        #expect(lifecycle.changes.isEmpty)
    }

    // MARK: Confirmed

    @Test func `the time of a session begins when the router confirms it`() {
        let session = fixture.session(.connecting, age: 5)
        var lifecycle = fixture.lifecycle(session, pending: fixture.mark())
        lifecycle.confirm(fixture.grant(session, .begin, seconds: 3_600))
        let active = lifecycle.updated(session.id)
        #expect(active?.status == .active && active?.authorizedAt == now && active?.expiresAt == now + 3_600)
        let isSettled = lifecycle.settle()
        #expect(isSettled)
        #expect(lifecycle.changes.last == .unmark(fixture.device))
    }

    @Test func `a renewal takes over the time that is left and ends what it replaces`() {
        let active = fixture.session(.active, age: 600)
        let renewal = fixture.session(.connecting, age: 5, replaces: active.id)
        var lifecycle = fixture.lifecycle(active, renewal, pending: fixture.mark())
        lifecycle.confirm(fixture.grant(renewal, .begin, seconds: 6_600))
        #expect(lifecycle.updated(renewal.id)?.ttl == 6_600)
        #expect(lifecycle.updated(renewal.id)?.replaces == active.id)
        #expect(lifecycle.updated(active.id)?.hasEnded(.replaced) == true)
        let isSettled = lifecycle.settle()
        #expect(lifecycle.returnedCoupons.isEmpty && isSettled)
    }

    @Test func `a renewal whose session has moved away takes over no time and replaces none`() {
        let renewal = fixture.session(.connecting, age: 5, replaces: UUID())
        var lifecycle = fixture.lifecycle(renewal, pending: fixture.mark())
        lifecycle.confirm(fixture.grant(renewal, .begin, seconds: 3_600))
        #expect(lifecycle.updated(renewal.id)?.ttl == 3_600)
        #expect(lifecycle.updated(renewal.id)?.replaces == nil)
    }

    @Test func `other requests of the device end when a session begins, and their coupons are returned`() {
        let (session, foreign) = (fixture.session(.connecting), fixture.session(.connecting, at: fixture.elsewhere))
        var lifecycle = fixture.lifecycle(session, foreign, pending: fixture.mark())
        lifecycle.confirm(fixture.grant(session, .begin, seconds: 3_600))
        #expect(lifecycle.updated(foreign.id)?.hasEnded(.replaced) == true)
        #expect(lifecycle.returnedCoupons == [foreign.couponID])
    }

    @Test func `a move is made when the router confirms it, and the former device is to be disconnected`() {
        var session = fixture.session(.active, at: fixture.other)
        session.resumeLookup = 1
        session.move = .init(client: fixture.client, since: now - 1)
        var lifecycle = fixture.lifecycle(session, pending: fixture.mark())
        lifecycle.confirm(fixture.grant(session, .move, seconds: 3_000))
        let moved = lifecycle.updated(session.id)
        #expect(moved?.client == fixture.client && moved?.move == nil && moved?.moves == 1)
        #expect(moved?.resumeLookup != nil && moved?.resumeLookup != 1)
        #expect(lifecycle.changes.contains(.recordMove(of: session.id, from: fixture.other)))
        #expect(lifecycle.revoked == [SiteDevice(siteID: fixture.siteID, mac: fixture.other.mac)])
        let isSettled = lifecycle.settle()
        #expect(isSettled)
    }

    @Test func `a confirmation ends the wait of an active session and the revocation of what was there before`() {
        var session = fixture.session(.active, age: 600)
        session.awaitingSince = now - 5
        var lifecycle = fixture.lifecycle(session, pending: fixture.mark(revokeUntil: now + 60))
        lifecycle.confirm(fixture.grant(session, .restore, seconds: 3_000))
        #expect(lifecycle.updated(session.id)?.awaitingSince == nil)
        let isSettled = lifecycle.settle()
        #expect(isSettled)
    }

    @Test func `a device that has more to do keeps its mark`() {
        var session = fixture.session(.active, age: 600)
        session.awaitingSince = now - 5
        let renewal = fixture.session(.connecting, age: 5, replaces: session.id)
        var lifecycle = fixture.lifecycle(session, renewal, pending: fixture.mark())
        lifecycle.confirm(fixture.grant(session, .restore, seconds: 3_000))
        let isSettled = lifecycle.settle()
        #expect(!isSettled)
        #expect(Array(lifecycle.changes.suffix(2)) == [.unmark(fixture.device), .mark(fixture.mark())])
    }

    @Test func `a confirmation of a session that has ended is taken back`() {
        let session = fixture.session(.connecting)
        var lifecycle = fixture.lifecycle(pending: fixture.mark())
        lifecycle.confirm(fixture.grant(session, .begin, seconds: 3_600))
        #expect(lifecycle.updated(session.id) == nil)
        #expect(lifecycle.revoked == [fixture.device])
        let isSettled = lifecycle.settle()
        #expect(!isSettled)
    }

    @Test func `a confirmation that is not due has the active session confirmed again`() {
        let (active, session) = (fixture.session(.active), fixture.session(.connecting))
        var lifecycle = fixture.lifecycle(active, session, pending: fixture.mark())
        lifecycle.confirm(fixture.grant(session, .begin, seconds: 3_600))
        #expect(lifecycle.updated(active.id)?.awaitingSince == now)
        #expect(lifecycle.updated(session.id) == nil && lifecycle.revoked.isEmpty)
    }

    @Test(arguments: [(-30, true), (30, true), (-31, false), (31, false)])
    func `the router may have been given up to 30 seconds more or less than is due`(_ test: (Int, Bool)) {
        let session = fixture.session(.connecting)
        var lifecycle = fixture.lifecycle(session, pending: fixture.mark())
        lifecycle.confirm(fixture.grant(session, .begin, seconds: 3_600 + test.0))
        #expect((lifecycle.updated(session.id)?.status == .active) == test.1)
    }

    // MARK: Refused

    @Test func `a refused session fails and its coupon is returned`() {
        let session = fixture.session(.connecting)
        var lifecycle = fixture.lifecycle(session, pending: fixture.mark())
        lifecycle.refuse(fixture.grant(session, .begin, seconds: 3_600), reason: "router_full", mayHaveBegun: false)
        let failed = lifecycle.updated(session.id)
        #expect(failed?.status == .failed && failed?.reason == "router_full" && failed?.endedAt == now)
        #expect(lifecycle.returnedCoupons == [session.couponID])
        let isSettled = lifecycle.settle()
        #expect(lifecycle.revoked.isEmpty && isSettled)
    }

    @Test func `a refusal at an earlier address does not fail the session`() {
        let session = fixture.session(.connecting, at: fixture.elsewhere)
        var earlier = fixture.grant(session, .begin, seconds: 3_600)
        earlier.client = fixture.client
        var lifecycle = fixture.lifecycle(session, pending: fixture.mark())
        lifecycle.refuse(earlier, reason: "device_mismatch", mayHaveBegun: false)
        #expect(lifecycle.changes.isEmpty)
    }

    @Test func `what the router may hold of a refused session is taken back`() {
        let session = fixture.session(.connecting)
        var lifecycle = fixture.lifecycle(session, pending: fixture.mark())
        lifecycle.refuse(fixture.grant(session, .begin, seconds: 3_600), reason: "router_refused", mayHaveBegun: true)
        #expect(lifecycle.revoked == [fixture.device])
        let isSettled = lifecycle.settle()
        #expect(!isSettled)
    }

    @Test func `a refused renewal leaves the active session as it was, to be confirmed again`() {
        let active = fixture.session(.active)
        let renewal = fixture.session(.connecting, replaces: active.id)
        var lifecycle = fixture.lifecycle(active, renewal, pending: fixture.mark())
        lifecycle.refuse(fixture.grant(renewal, .begin, seconds: 6_600), reason: "router_refused", mayHaveBegun: true)
        #expect(lifecycle.updated(renewal.id)?.status == .failed)
        #expect(lifecycle.updated(active.id)?.status == .active && lifecycle.updated(active.id)?.awaitingSince == now)
        #expect(lifecycle.updated(active.id)?.expiresAt == active.expiresAt && lifecycle.revoked.isEmpty)
    }

    @Test func `a request at another address that was never begun leaves the active session alone`() {
        let (active, foreign) = (fixture.session(.active), fixture.session(.connecting, at: fixture.elsewhere))
        var lifecycle = fixture.lifecycle(active, foreign, pending: fixture.mark())
        lifecycle.refuse(fixture.grant(foreign, .begin, seconds: 3_600), reason: "device_mismatch", mayHaveBegun: false)
        #expect(lifecycle.updated(active.id) == nil)
    }

    @Test func `a request on an occupied device fails without a call to the router`() {
        let (active, foreign) = (fixture.session(.active), fixture.session(.connecting))
        var lifecycle = fixture.lifecycle(active, foreign, pending: fixture.mark())
        lifecycle.refuse(fixture.grant(foreign, .begin, seconds: 3_600), reason: "occupied", mayHaveBegun: false)
        #expect(lifecycle.updated(foreign.id)?.status == .failed)
        let isSettled = lifecycle.settle()
        #expect(lifecycle.updated(active.id) == nil && isSettled)
    }

    @Test func `a refused move leaves the session where it is`() {
        var session = fixture.session(.active, at: fixture.other)
        session.move = .init(client: fixture.client, since: now - 1)
        var lifecycle = fixture.lifecycle(session, pending: fixture.mark())
        lifecycle.refuse(fixture.grant(session, .move, seconds: 3_000), reason: "device_not_seen", mayHaveBegun: false)
        #expect(lifecycle.updated(session.id)?.move == nil && lifecycle.updated(session.id)?.client == fixture.other)
        let isSettled = lifecycle.settle()
        #expect(lifecycle.updated(session.id)?.status == .active && isSettled)
    }

    @Test func `a move that was cancelled meanwhile is not refused for the next one`() throws {
        var session = fixture.session(.active, at: fixture.other)
        session.move = .init(client: fixture.client, since: now - 1)
        var earlier = fixture.grant(session, .move, seconds: 3_000)
        earlier.client = fixture.elsewhere
        var lifecycle = fixture.lifecycle(session, pending: fixture.mark())
        lifecycle.refuse(earlier, reason: "device_not_seen", mayHaveBegun: false)
        #expect(lifecycle.updated(session.id) == nil)
    }

    @Test func `an active session is never ended by its router`() {
        var session = fixture.session(.active)
        session.awaitingSince = now - 100
        var lifecycle = fixture.lifecycle(session, pending: fixture.mark())
        lifecycle.refuse(fixture.grant(session, .restore, seconds: 3_000), reason: "router_refused", mayHaveBegun: true)
        #expect(lifecycle.changes.isEmpty)
    }

    // MARK: Ended

    @Test(arguments: [GuestSession.EndReason.signedOut, .admin, .instanceDeleted])
    func `an ended session is to be disconnected for a day after its time`(_ reason: GuestSession.EndReason) {
        let session = fixture.session(.active, age: 600)
        var lifecycle = fixture.lifecycle(session)
        lifecycle.end(session, reason: reason)
        #expect(lifecycle.updated(session.id)?.hasEnded(reason) == true)
        #expect(lifecycle.returnedCoupons.isEmpty)
        #expect(
            lifecycle.changes.last
                == .mark(
                    PendingDevice(
                        device: fixture.device, ip: fixture.client.ip, since: now, revokeUntil: now + 3_000 + 86_400)))
    }

    @Test func `the coupon of a session that was never confirmed is returned, unless the venue ended it`() {
        let session = fixture.session(.connecting)
        for (reason, isReturned) in [
            (GuestSession.EndReason.signedOut, true), (.replaced, true), (.admin, false), (.instanceDeleted, false),
        ] {
            var lifecycle = fixture.lifecycle(session)
            lifecycle.end(session, reason: reason)
            #expect(lifecycle.returnedCoupons == (isReturned ? [session.couponID] : []))
        }
    }

    @Test func `a guest who signs out keeps the renewal that was paid for since; an admin ends it as well`() {
        let active = fixture.session(.active)
        let renewal = fixture.session(.connecting, age: 5, replaces: active.id)
        var lifecycle = fixture.lifecycle(active, renewal)
        lifecycle.end(active, reason: .signedOut, renewals: [renewal])
        #expect(lifecycle.updated(renewal.id)?.status == .connecting && lifecycle.updated(renewal.id)?.replaces == nil)
        lifecycle = fixture.lifecycle(active, renewal)
        lifecycle.end(active, reason: .admin, renewals: [renewal])
        #expect(lifecycle.updated(renewal.id)?.hasEnded(.replaced) == true)
        #expect(lifecycle.returnedCoupons == [renewal.couponID])
    }

    @Test func `the end of a connecting renewal has the active session confirmed again`() {
        let active = fixture.session(.active)
        let renewal = fixture.session(.connecting, age: 5, replaces: active.id)
        var lifecycle = fixture.lifecycle(active, renewal)
        lifecycle.end(renewal, reason: .signedOut)
        #expect(lifecycle.updated(active.id)?.awaitingSince == now)
        #expect(lifecycle.revoked.isEmpty && lifecycle.marked == [fixture.device])
    }

    @Test func `the move of a session that ends is taken back`() {
        var session = fixture.session(.active)
        session.move = .init(client: fixture.other, since: now)
        var lifecycle = fixture.lifecycle(session)
        lifecycle.end(session, reason: .signedOut)
        #expect(
            lifecycle.revoked == [SiteDevice(siteID: fixture.siteID, mac: fixture.other.mac), fixture.device])
    }

    @Test func `a session whose time is over expires; one that was never confirmed fails`() {
        let (active, connecting) = (fixture.session(.active, age: 3_600), fixture.session(.connecting, age: 3_600))
        var lifecycle = fixture.lifecycle(active)
        lifecycle.expire(active)
        #expect(lifecycle.updated(active.id)?.status == .expired && lifecycle.revoked == [fixture.device])
        lifecycle = fixture.lifecycle(connecting)
        lifecycle.expire(connecting)
        #expect(lifecycle.updated(connecting.id)?.status == .failed)
        #expect(lifecycle.updated(connecting.id)?.reason == "router_unreachable")
        #expect(lifecycle.returnedCoupons == [connecting.couponID])
    }
}
