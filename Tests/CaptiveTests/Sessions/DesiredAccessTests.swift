import Captive
import Foundation
import Testing

/// What a router should hold for a device, for each state of its sessions.
@Suite struct DesiredAccessTests {
    private let fixture: SessionFixture
    private var now: Date { fixture.now }

    init() throws { fixture = try SessionFixture() }

    @Test func `a device without sessions and without a mark is settled`() {
        #expect(fixture.state().next(at: now) == .settled)
        #expect(fixture.state(pending: fixture.mark()).next(at: now) == .settled)
    }

    @Test func `a connecting session is due all of its time`() {
        let session = fixture.session(.connecting)
        let grant = fixture.grant(session, .begin, seconds: 3_600)
        #expect(fixture.state(session, pending: fixture.mark()).next(at: now) == .authorize(grant))
    }

    @Test func `a connecting session whose time is over is due nothing`() {
        let session = fixture.session(.connecting, age: 3_600)
        #expect(fixture.state(session, pending: fixture.mark()).next(at: now) == .settled)
    }

    @Test func `an active session that the router has confirmed is settled`() {
        #expect(fixture.state(fixture.session(.active)).next(at: now) == .settled)
    }

    @Test func `an active session that awaits the router is due the time that is left`() {
        var session = fixture.session(.active, age: 600)
        session.awaitingSince = now
        let grant = fixture.grant(session, .restore, seconds: 3_000)
        #expect(fixture.state(session).next(at: now) == .authorize(grant))
    }

    @Test func `an active session is due again when a comparison found that the router differs`() {
        let session = fixture.session(.active, age: 600)
        let grant = fixture.grant(session, .restore, seconds: 3_000)
        #expect(fixture.state(session).next(at: now, isSuspect: true) == .authorize(grant))
    }

    @Test func `a device whose session has ended is to be disconnected until the revocation is given up`() {
        let state = fixture.state(pending: fixture.mark(revokeUntil: now + 1))
        #expect(state.next(at: now) == .deauthorize(fixture.client))
        #expect(state.next(at: now + 1) == .settled)
    }

    @Test func `an unknown device that a comparison found is to be disconnected`() {
        #expect(fixture.state(pending: fixture.mark()).next(at: now, isSuspect: true) == .deauthorize(fixture.client))
    }

    @Test func `a device with a connecting session is no unknown device`() {
        let session = fixture.session(.connecting)
        let grant = fixture.grant(session, .begin, seconds: 3_600)
        let state = fixture.state(session, pending: fixture.mark())
        #expect(state.next(at: now, isSuspect: true) == .authorize(grant))
    }

    @Test func `a revocation does not disconnect a device that has an active session`() {
        let session = fixture.session(.active, age: 600)
        let state = fixture.state(session, pending: fixture.mark(revokeUntil: now + 60))
        #expect(state.next(at: now) == .authorize(fixture.grant(session, .restore, seconds: 3_000)))
    }

    @Test func `a revocation comes before a new session`() {
        let state = fixture.state(fixture.session(.connecting), pending: fixture.mark(revokeUntil: now + 60))
        #expect(state.next(at: now) == .deauthorize(fixture.client))
    }

    @Test func `a renewal is due its own time and what is left of the session that it replaces`() {
        let active = fixture.session(.active, age: 600)
        let renewal = fixture.session(.connecting, age: 0, replaces: active.id)
        let grant = fixture.grant(renewal, .begin, seconds: 3_600 + 3_000)
        #expect(fixture.state(active, renewal).next(at: now) == .authorize(grant))
    }

    @Test func `only coupons of one instance are added to one another`() {
        let active = fixture.session(.active, coupon: nil)
        let renewal = fixture.session(.connecting, age: 0, replaces: active.id)
        #expect(
            fixture.state(active, renewal).next(at: now)
                == .authorize(fixture.grant(renewal, .begin, seconds: 3_600)))
        #expect(renewal.carried(from: fixture.session(.active), at: now) == 0)
    }

    @Test func `a connecting session of another guest is refused while the device has an active session`() {
        let (active, foreign) = (fixture.session(.active), fixture.session(.connecting, age: 0))
        #expect(
            fixture.state(active, foreign).next(at: now) == .refuse(fixture.grant(foreign, .begin, seconds: 3_600)))
    }

    @Test func `a session that is to move here is due the time that is left, at its new address`() {
        var session = fixture.session(.active, at: fixture.other, age: 600)
        session.move = .init(client: fixture.client, since: now)
        let grant = fixture.grant(session, .move, seconds: 3_000)
        #expect(grant.client == fixture.client)
        #expect(fixture.state(session).next(at: now) == .authorize(grant))
    }

    @Test func `a session does not move to a device that has an active session`() {
        var session = fixture.session(.active, at: fixture.other, age: 600)
        session.move = .init(client: fixture.client, since: now)
        let state = fixture.state(fixture.session(.active), session)
        #expect(state.next(at: now) == .refuse(fixture.grant(session, .move, seconds: 3_000)))
    }

    @Test func `requests are served in the order in which they were made`() {
        let (first, second) = (fixture.session(.connecting, age: 5), fixture.session(.connecting, age: 2))
        #expect(
            fixture.state(second, first).next(at: now) == .authorize(fixture.grant(first, .begin, seconds: 3_600)))
    }

    @Test func `a request that waits for its next attempt delays no other`() {
        let (first, second) = (fixture.session(.connecting, age: 5), fixture.session(.connecting, age: 2))
        let state = fixture.state(first, second)
        #expect(
            state.next(at: now, notBefore: [first.id: now + 1])
                == .authorize(fixture.grant(second, .begin, seconds: 3_600)))
        #expect(state.next(at: now, notBefore: [first.id: now + 2, second.id: now + 1]) == .wait(until: now + 1))
        #expect(
            state.next(at: now, notBefore: [first.id: now, second.id: now + 1])
                == .authorize(fixture.grant(first, .begin, seconds: 3_600)))
    }

    @Test func `a revocation that waits for its next attempt delays no session`() {
        let session = fixture.session(.connecting)
        let state = fixture.state(session, pending: fixture.mark(revokeUntil: now + 60))
        #expect(
            state.next(at: now, notBefore: [nil: now + 1])
                == .authorize(fixture.grant(session, .begin, seconds: 3_600)))
    }

    @Test func `a grant is due only for the same session, address and purpose`() {
        let session = fixture.session(.connecting)
        let grant = fixture.grant(session, .begin, seconds: 3_600)
        #expect(fixture.state(session).dueGrant(like: grant, at: now) == grant)
        #expect(fixture.state().dueGrant(like: grant, at: now) == nil)
        var (moved, restored) = (grant, grant)
        moved.client = fixture.elsewhere
        restored.purpose = .restore
        #expect(fixture.state(session).dueGrant(like: moved, at: now) == nil)
        #expect(fixture.state(session).dueGrant(like: restored, at: now) == nil)
        #expect(fixture.state(fixture.session(.active), session).dueGrant(like: grant, at: now) == nil)
        #expect(fixture.state(session).dueGrant(like: grant, at: session.expiresAt) == nil)
    }
}
