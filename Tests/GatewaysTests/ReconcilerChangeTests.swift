import Captive
import Foundation
import NetworkAddress
import Storage
import Testing

@testable import Gateways

/// Changes of the desired state while a call is in flight.
@Suite(.timeLimit(.minutes(1))) struct ReconcilerChangeTests {
    private let fixture: ReconcilerFixture

    init() async throws { fixture = try await ReconcilerFixture() }

    private var database: StoreFixture { fixture.database }
    private var gateway: FakeGateway { fixture.gateway }
    private var clock: TestClock { fixture.clock }

    /// Runs the reconciler, and `change` while the gateway has the first call.
    private func duringFirstCall(_ change: () async throws -> Void) async throws {
        gateway.hold()
        try await fixture.running {
            try await fixture.until(calls: 1)
            try await change()
            gateway.release()
            try await fixture.settle()
        }
    }

    @Test(arguments: [GuestSession.EndReason.signedOut, .admin])
    func `a session that ends during its authorization is revoked`(reason: GuestSession.EndReason) async throws {
        let (coupon, session) = try await database.redeem(try fixture.client())
        try await duringFirstCall { try await fixture.end(session, reason) }
        #expect(gateway.calls.map(\.kind) == [.authorize, .revoke])
        #expect(try await database.session(session.id).hasEnded(reason))
        #expect(try await database.isValid(coupon) == (reason == .signedOut))
        #expect(try await !database.isPending(session.siteDevice))
    }

    @Test func `a session that ends during its restoration is revoked`() async throws {
        let (_, session) = try await database.activeSession(try fixture.client())
        try await fixture.recapture(session, at: session.client)
        try await duringFirstCall { try await fixture.end(session) }
        #expect(gateway.calls.map(\.kind) == [.authorize, .revoke])
        #expect(try await database.session(session.id).hasEnded(.signedOut))
    }

    @Test func `a session that ends during a failing authorization is revoked`() async throws {
        let (_, session) = try await database.redeem(try fixture.client())
        gateway.fail([.refused("no")])
        try await duringFirstCall { try await fixture.end(session) }
        #expect(gateway.calls.map(\.kind) == [.authorize, .revoke])
        #expect(try await database.session(session.id).hasEnded(.signedOut))
    }

    @Test func `a session that returns during its revocation is authorized`() async throws {
        let (coupon, session) = try await database.activeSession(try fixture.client())
        try await fixture.end(session)
        try await duringFirstCall {
            guard case .resumed = try await database.enter(coupon, session.client) else { throw StoreFixture.Refused() }
        }
        #expect(gateway.calls.map(\.kind) == [.revoke, .authorize])
        #expect(try await database.session(session.id) == session)
    }

    @Test func `a session that begins during the revocation of another is authorized`() async throws {
        let (_, old) = try await database.activeSession(try fixture.client())
        try await fixture.end(old, .admin)
        try await duringFirstCall { try await database.redeem(try fixture.client()) }
        #expect(gateway.calls.map(\.kind) == [.revoke, .authorize])
    }

    @Test func `a session whose address changes during its authorization is authorized there`() async throws {
        let (_, session) = try await database.redeem(try fixture.client())
        let new = try fixture.client(1, ip: 99)
        try await duringFirstCall { try await fixture.recapture(session, at: new) }
        #expect(gateway.calls.first?.client == session.client)
        #expect(gateway.calls.last?.kind == .authorize && gateway.calls.last?.client == new)
        let active = try await database.session(session.id)
        #expect(active.status == .active && active.client == new)
    }

    @Test func `a restoration that took long is corrected to the remaining time`() async throws {
        let (_, session) = try await database.activeSession(try fixture.client())
        try await fixture.recapture(session, at: session.client)
        try await duringFirstCall { clock.advance(100) }
        #expect(gateway.calls.map(\.kind) == [.authorize, .authorize])
        #expect(gateway.calls.map(\.ttl) == [ReconcilerFixture.ttl, ReconcilerFixture.ttl - 100])
        #expect(try await database.session(session.id) == session)
    }

    @Test func `a renewal is corrected if the session it replaces ends during its authorization`() async throws {
        let client = try fixture.client()
        let (_, session) = try await database.activeSession(client)
        let (_, renewal) = try await database.redeem(client, Ownership(sessionID: session.id))
        try await duringFirstCall { try await fixture.end(session) }
        #expect(gateway.calls.map(\.kind) == [.authorize, .revoke, .authorize])
        #expect(gateway.calls.map(\.ttl) == [2 * ReconcilerFixture.ttl, 0, ReconcilerFixture.ttl])
        let active = try await database.session(renewal.id)
        #expect(active.status == .active && active.ttl == ReconcilerFixture.ttl)
    }

    @Test func `a move that is cancelled during its authorization is revoked`() async throws {
        let (_, session) = try await database.activeSession(try fixture.client(1))
        let client = try fixture.client(2)
        try await fixture.move(session, to: client)
        try await duringFirstCall { try await fixture.recapture(session, at: session.client) }
        let last = Dictionary(gateway.calls.map { ($0.client, $0.kind) }) { $1 }
        #expect(last == [client: .revoke, session.client: .authorize])
        let active = try await database.session(session.id)
        #expect(active == session)
    }

    @Test func `a device that is marked during its reconciliation is reconciled again`() async throws {
        let (_, session) = try await database.activeSession(try fixture.client())
        try await fixture.recapture(session, at: session.client)
        try await duringFirstCall {
            _ = try await database.otherNode.end(session.id, reason: .admin, now: clock.now())
            fixture.reconciler.enqueue([session.siteDevice])
        }
        #expect(gateway.calls.map(\.kind) == [.authorize, .revoke])
        #expect(try await !database.isPending(session.siteDevice))
    }
}

/// Devices for which a comparison found a difference.
@Suite(.timeLimit(.minutes(1))) struct ReconcilerSuspectTests {
    private let fixture: ReconcilerFixture

    init() async throws { fixture = try await ReconcilerFixture() }

    private var database: StoreFixture { fixture.database }
    private var gateway: FakeGateway { fixture.gateway }
    private var clock: TestClock { fixture.clock }

    private func suspect(_ client: GatewayClient) {
        fixture.reconciler.suspect(client, at: database.siteID, until: clock.now() + 300)
    }

    @Test func `a lost session is authorized for its remaining time`() async throws {
        let (_, session) = try await database.activeSession(try fixture.client())
        clock.advance(600)
        suspect(session.client)
        try await fixture.running { try await fixture.settle() }
        #expect(gateway.calls.map(\.ttl) == [ReconcilerFixture.ttl - 600])
        #expect(try await database.session(session.id) == session)
    }

    @Test func `a device without a session is deauthorized`() async throws {
        suspect(try fixture.client())
        try await fixture.running { try await fixture.settle() }
        #expect(gateway.calls.map(\.kind) == [.revoke])
        #expect(try await !database.isPending(try fixture.device()))
    }

    @Test func `a device with a connecting session is not deauthorized`() async throws {
        let (_, session) = try await database.redeem(try fixture.client())
        suspect(session.client)
        try await fixture.running { try await fixture.settle() }
        #expect(gateway.calls.map(\.kind) == [.authorize])
    }

    @Test func `a lost session that ends during its restoration is revoked`() async throws {
        let (_, session) = try await database.activeSession(try fixture.client())
        suspect(session.client)
        gateway.hold()
        try await fixture.running {
            try await fixture.until(calls: 1)
            _ = try await database.otherNode.end(session.id, reason: .admin, now: clock.now())
            gateway.release()
            try await fixture.settle()
        }
        #expect(gateway.calls.map(\.kind) == [.authorize, .revoke])
    }

    @Test func `an absent device is retried until the next comparison`() async throws {
        let (_, session) = try await database.activeSession(try fixture.client())
        gateway.failAlways(.deviceNotSeen)
        let start = clock.now()
        suspect(session.client)
        try await fixture.running { try await fixture.settle() }
        #expect((300..<375).contains(clock.now().timeIntervalSince(start)))
        #expect((6...12).contains(gateway.calls.count))
        #expect(try await database.session(session.id) == session)
    }

    /// Runs `work` while the device is absent and its next attempt is due much later. Passes the number of calls until
    /// then.
    private func whileAway(_ session: GuestSession, _ work: (Int) async throws -> Void) async throws {
        gateway.failAlways(.deviceNotSeen) { $0.client == session.client }
        suspect(session.client)
        try await fixture.running {
            try await fixture.until(calls: 3)
            clock.stop()
            try await fixture.rest()
            try await work(gateway.calls.count)
        }
    }

    @Test func `an absent device is authorized at once when its guest returns to the portal`() async throws {
        let (_, session) = try await database.activeSession(try fixture.client())
        try await whileAway(session) { calls in
            gateway.failAlways(nil)
            try await fixture.recapture(session, at: session.client)
            try await fixture.rest()
            #expect(gateway.calls.count == calls + 1)
            #expect(try await database.session(session.id) == session)
        }
    }

    @Test func `a new request for an absent device can be refused`() async throws {
        let (_, session) = try await database.activeSession(try fixture.client())
        try await whileAway(session) { _ in
            gateway.failAlways(.deviceMismatch)
            let client = try fixture.client(1, ip: 2)
            let (coupon, renewal) = try await database.redeem(client, Ownership(sessionID: session.id))
            try await fixture.rest()
            #expect(try await database.session(renewal.id).status == .failed)
            #expect(try await database.isValid(coupon))
            #expect(try await database.session(session.id).status == .active)
        }
    }
}
