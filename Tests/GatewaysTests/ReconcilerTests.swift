import Captive
import Foundation
import NetworkAddress
import Storage
import Testing

@testable import Gateways

/// Reconciliation with a working router.
@Suite(.timeLimit(.minutes(1))) struct ReconcilerTests {
    private let fixture: ReconcilerFixture

    init() async throws { fixture = try await ReconcilerFixture() }

    private var database: StoreFixture { fixture.database }
    private var gateway: FakeGateway { fixture.gateway }
    private var clock: TestClock { fixture.clock }

    @Test func `a marked device is authorized, and its session becomes active`() async throws {
        let client = try fixture.client()
        let (_, session) = try await database.redeem(client)
        try await fixture.running { try await fixture.settle() }
        #expect(gateway.calls.map(\.kind) == [.authorize])
        #expect(gateway.calls.map(\.client) == [client])
        #expect(gateway.calls.map(\.ttl) == [ReconcilerFixture.ttl])
        #expect(try await database.session(session.id).status == .active)
        #expect(try await !database.isPending(session.siteDevice))
    }

    @Test func `pending devices are reconciled when the program starts`() async throws {
        let (_, session) = try await database.redeem(try fixture.client())
        let restarted = fixture.another()
        try await fixture.running(restarted) {
            try await fixture.until { try await database.session(session.id).status == .active }
        }
        #expect(gateway.calls.count == 1)
    }

    @Test func `a device marked several times is authorized once`() async throws {
        let (_, first) = try await database.redeem(try fixture.client(1))
        let (_, second) = try await database.redeem(try fixture.client(2))
        for _ in 1...3 { fixture.reconciler.enqueue([first.siteDevice, second.siteDevice]) }
        try await fixture.running { try await fixture.settle() }
        #expect(Set(gateway.calls.map(\.client)) == [first.client, second.client])
        #expect(gateway.calls.count == 2)
    }

    @Test func `an active session gets its remaining time`() async throws {
        let (_, session) = try await database.activeSession(try fixture.client())
        clock.advance(600)
        try await fixture.recapture(session, at: session.client)
        try await fixture.running { try await fixture.settle() }
        #expect(gateway.calls.map(\.ttl) == [ReconcilerFixture.ttl - 600])
        #expect(try await database.session(session.id) == session)
    }

    @Test func `a session that waited for hours gets the time that remains`() async throws {
        let (_, session) = try await database.activeSession(try fixture.client())
        try await fixture.recapture(session, at: session.client)
        clock.advance(7_200)
        try await fixture.running { try await fixture.settle() }
        #expect(gateway.calls.map(\.ttl) == [ReconcilerFixture.ttl - 7_200])
    }

    @Test func `an ended session is not authorized`() async throws {
        let (coupon, session) = try await database.redeem(try fixture.client())
        try await fixture.end(session)
        try await fixture.running { try await fixture.settle() }
        #expect(!gateway.calls.contains { $0.kind == .authorize })
        #expect(try await database.isValid(coupon))
    }

    @Test func `an expired session is deauthorized`() async throws {
        let (_, session) = try await database.redeem(try fixture.client())
        try await fixture.running {
            try await fixture.settle()
            clock.advance(40_000)
            try await fixture.reconciler.sweep()
            try await fixture.settle()
        }
        #expect(try await database.session(session.id).status == .expired)
        #expect(gateway.calls.map(\.kind) == [.authorize, .revoke])
    }

    @Test func `a moving session is authorized on its new device, then the old device is deauthorized`() async throws {
        let (_, session) = try await database.activeSession(try fixture.client(1))
        let client = try fixture.client(2)
        try await fixture.move(session, to: client)
        try await fixture.running { try await fixture.settle() }
        #expect(gateway.calls.map(\.kind) == [.authorize, .revoke])
        #expect(gateway.calls.map(\.client) == [client, session.client])
        let moved = try await database.session(session.id)
        #expect(moved.client == client && moved.status == .active && moved.move == nil)
    }

    @Test func `a renewal gets its own time and the remaining time of the session it replaces`() async throws {
        let client = try fixture.client()
        let (_, session) = try await database.activeSession(client)
        clock.advance(600)
        let (_, renewal) = try await database.redeem(client, Ownership(sessionID: session.id))
        try await fixture.running { try await fixture.settle() }
        #expect(gateway.calls.map(\.ttl) == [2 * ReconcilerFixture.ttl - 600])
        #expect(try await database.session(renewal.id).status == .active)
        #expect(try await database.session(session.id).hasEnded(.replaced))
    }

    @Test func `ended access is revoked before a new session of the device is authorized`() async throws {
        let (_, old) = try await database.activeSession(try fixture.client())
        try await fixture.end(old, .admin)
        let (_, new) = try await database.redeem(try fixture.client(1, ip: 2))
        try await fixture.running { try await fixture.settle() }
        #expect(gateway.calls.map(\.kind) == [.revoke, .authorize])
        #expect(try await database.session(new.id).status == .active)
    }

    @Test func `a guest who signs out and returns before the router is called is not deauthorized`() async throws {
        let (coupon, session) = try await database.activeSession(try fixture.client())
        try await fixture.end(session)
        guard case .resumed = try await database.enter(coupon, session.client) else { throw StoreFixture.Refused() }
        try await fixture.running { try await fixture.settle() }
        #expect(gateway.calls.map(\.kind) == [.authorize])
        #expect(try await database.session(session.id).status == .active)
    }

    @Test func `at most 64 devices of a site are reconciled at a time`() async throws {
        gateway.hold()
        for number in 1...80 { try await database.redeem(try fixture.client(UInt32(number))) }
        try await fixture.running {
            try await fixture.until(calls: 64)
            try await Task.sleep(for: .milliseconds(50))
            #expect(gateway.calls.count == 64)
            gateway.release()
            try await fixture.settle()
        }
        #expect(gateway.calls.count == 80)
    }

    @Test func `a failing router does not delay other sites`() async throws {
        let (failing, working) = (FakeGateway(now: clock.now), FakeGateway(now: clock.now))
        failing.failAlways(.unreachable("no route"))
        let other = UUID()
        let reconciler = fixture.another(over: FakeGateways(gateways: [database.siteID: failing, other: working]))
        let (_, waiting) = try await database.redeem(try fixture.client())
        try await fixture.running(reconciler) {
            try await fixture.until { failing.calls.count >= 3 }
            let (_, session) = try await database.redeem(try fixture.client(), at: other)
            try await fixture.until { try await database.session(session.id).status == .active }
        }
        #expect(try await database.session(waiting.id).status == .connecting)
        #expect(working.calls.count == 1)
    }

    @Test func `a device of a site without router settings stays pending`() async throws {
        let (_, session) = try await database.redeem(try fixture.client())
        let reconciler = fixture.another(over: FakeGateways(gateways: [:]))
        let start = clock.now()
        try await fixture.running(reconciler) {
            try await fixture.until { clock.now().timeIntervalSince(start) > 60 }
        }
        #expect(try await database.session(session.id).status == .connecting)
        #expect(try await database.isPending(session.siteDevice))
    }

    @Test func `a call in flight when the program ends is repeated after the restart`() async throws {
        gateway.hold()
        let (_, session) = try await database.redeem(try fixture.client())
        try await fixture.running { try await fixture.until(calls: 1) }
        #expect(try await database.isPending(session.siteDevice))
        #expect(try await database.session(session.id).status == .connecting)
        gateway.release()
        let restarted = fixture.another()
        try await fixture.running(restarted) {
            try await fixture.until { try await database.session(session.id).status == .active }
        }
        #expect(gateway.calls.map(\.kind) == [.authorize, .authorize])
    }

    @Test func `an unreported mark is found in the database`() async throws {
        try await fixture.running {
            try await fixture.reconciler.sweep()
            database.connect(nil)
            let (_, session) = try await database.redeem(try fixture.client())
            clock.advance(20)
            try await fixture.reconciler.sweep()
            try await fixture.until { try await database.session(session.id).status == .active }
        }
    }

    @Test func `a device marked by another node is claimed when that node's claim is over`() async throws {
        try await fixture.running {
            let (_, session) = try await database.redeem(try fixture.client(), on: database.otherNode)
            clock.advance(59)
            try await fixture.reconciler.sweep()
            try await fixture.settle()
            #expect(gateway.calls.isEmpty)
            clock.advance(21)
            try await fixture.reconciler.sweep()
            try await fixture.until { try await database.session(session.id).status == .active }
        }
    }
}

/// Waiting for the reconciler.
@Suite(.timeLimit(.minutes(1))) struct ReconcilerWaitTests {
    private let fixture: ReconcilerFixture

    init() async throws { fixture = try await ReconcilerFixture() }

    private var database: StoreFixture { fixture.database }
    private var gateway: FakeGateway { fixture.gateway }
    private let long = Duration.seconds(3_600)

    @Test func `a wait for a device that is not pending ends at once`() async throws {
        #expect(await fixture.reconciler.wait(for: try fixture.device(), atMost: long))
    }

    @Test func `a wait ends when the router confirms`() async throws {
        gateway.hold()
        let (_, session) = try await database.redeem(try fixture.client())
        try await fixture.running {
            try await fixture.until(calls: 1)
            async let isReleased = fixture.reconciler.wait(for: session.siteDevice, atMost: long)
            gateway.release()
            #expect(await isReleased)
            #expect(try await database.session(session.id).status == .active)
        }
    }

    @Test func `a wait ends when a session is refused, even if another session of the device waits`() async throws {
        gateway.hold()
        let (_, refused) = try await database.redeem(try fixture.client(1, ip: 1))
        fixture.clock.advance(1)
        let (_, waiting) = try await database.redeem(try fixture.client(1, ip: 2))
        gateway.fail([.deviceMismatch])
        gateway.failAlways(.busy("starting")) { $0.client == waiting.client }
        try await fixture.running {
            try await fixture.until(calls: 1)
            async let isReleased = fixture.reconciler.wait(for: refused.siteDevice, atMost: long)
            try await Task.sleep(for: .milliseconds(50))
            gateway.release()
            #expect(await isReleased)
            #expect(try await database.session(refused.id).status == .failed)
            #expect(try await database.session(waiting.id).status == .connecting)
        }
    }

    @Test func `a wait ends when nothing is left to do for the device`() async throws {
        let device = try fixture.device()
        fixture.reconciler.enqueue([device])
        let waiting = Task { await fixture.reconciler.wait(for: device, atMost: long) }
        try await fixture.running { #expect(await waiting.value) }
        #expect(gateway.calls.isEmpty)
    }

    @Test func `a wait ends at its time limit or when its task is cancelled`() async throws {
        let (_, session) = try await database.redeem(try fixture.client())
        #expect(await !fixture.reconciler.wait(for: session.siteDevice, atMost: .seconds(1)))
        let waiting = Task { await fixture.reconciler.wait(for: session.siteDevice, atMost: long) }
        waiting.cancel()
        #expect(await !waiting.value)
    }
}
