import Captive
import Foundation
import NetworkAddress
import Storage
import Testing

@testable import Gateways

/// Reconciliation with a failing router or database.
@Suite(.timeLimit(.minutes(1))) struct ReconcilerRetryTests {
    private let fixture: ReconcilerFixture

    init() async throws { fixture = try await ReconcilerFixture() }

    private var database: StoreFixture { fixture.database }
    private var gateway: FakeGateway { fixture.gateway }
    private var clock: TestClock { fixture.clock }

    @Test func `a failing router is called at most once a second, for one device at a time`() async throws {
        gateway.failAlways(.unreachable("no route"))
        var sessions: [GuestSession] = []
        for number in 1...20 { sessions.append(try await database.redeem(try fixture.client(UInt32(number))).session) }
        try await fixture.running {
            try await fixture.until(calls: 35)
            gateway.failAlways(nil)
            let start = clock.now()
            try await fixture.settle()
            #expect(clock.now().timeIntervalSince(start) < 10)
        }
        // The first calls may have been in flight together.
        let times = gateway.calls.dropFirst(20).prefix(15).map(\.time)
        #expect(zip(times, times.dropFirst()).allSatisfy { $1.timeIntervalSince($0) >= 1 })
        #expect(zip(times, times.dropFirst()).allSatisfy { $1.timeIntervalSince($0) <= 5 })
        for session in sessions { #expect(try await database.session(session.id).status == .active) }
    }

    @Test func `a device that never appears is refused after a minute and its coupon returned`() async throws {
        gateway.failAlways(.deviceNotSeen)
        let (coupon, session) = try await database.redeem(try fixture.client())
        let start = clock.now()
        try await fixture.running { try await fixture.settle() }
        let refused = try await database.session(session.id)
        #expect(refused.status == .failed && refused.reason == "device_not_seen")
        #expect((60..<65).contains(clock.now().timeIntervalSince(start)))
        #expect(!gateway.calls.contains { $0.kind == .revoke })
        #expect(try await database.isValid(coupon))
    }

    @Test func `a device with a new address has a minute to appear there`() async throws {
        gateway.failAlways(.deviceNotSeen)
        let (_, session) = try await database.redeem(try fixture.client())
        let new = try fixture.client(1, ip: 99)
        let start = clock.now()
        try await fixture.running {
            try await fixture.until { clock.now().timeIntervalSince(start) >= 30 }
            try await fixture.recapture(session, at: new)
            try await fixture.settle()
        }
        #expect(try await database.session(session.id).reason == "device_not_seen")
        let first = try #require(gateway.calls.first { $0.client == new })
        #expect(clock.now().timeIntervalSince(first.time) >= 60)
    }

    @Test func `a device that appears late gets its full time`() async throws {
        gateway.fail([.deviceNotSeen, .deviceNotSeen, .busy("starting")])
        let (_, session) = try await database.redeem(try fixture.client())
        try await fixture.running { try await fixture.settle() }
        #expect(gateway.calls.map(\.ttl) == Array(repeating: ReconcilerFixture.ttl, count: 4))
        let active = try await database.session(session.id)
        #expect(active.status == .active)
        let (begin, call) = (try #require(active.authorizedAt), try #require(gateway.calls.last?.time))
        #expect(abs(begin.timeIntervalSince(call)) < 0.001)
    }

    @Test func `a forged pair is refused at once and no device is deauthorized`() async throws {
        gateway.fail([.deviceMismatch])
        let (coupon, session) = try await database.redeem(try fixture.client())
        try await fixture.running { try await fixture.settle() }
        #expect(gateway.calls.map(\.kind) == [.authorize])
        #expect(try await database.session(session.id).reason == "device_mismatch")
        #expect(try await database.isValid(coupon))
    }

    @Test func `a refused session fails at once and is revoked`() async throws {
        gateway.fail([.refused("no")])
        let (coupon, session) = try await database.redeem(try fixture.client())
        try await fixture.running { try await fixture.settle() }
        #expect(gateway.calls.map(\.kind) == [.authorize, .revoke])
        let refused = try await database.session(session.id)
        #expect(refused.status == .failed && refused.reason == "router_refused")
        #expect(try await database.isValid(coupon))
    }

    @Test func `a refused move leaves the session on its device`() async throws {
        let (_, session) = try await database.activeSession(try fixture.client(1))
        gateway.fail([.deviceMismatch])
        try await fixture.move(session, to: try fixture.client(2))
        try await fixture.running { try await fixture.settle() }
        #expect(gateway.calls.map(\.kind) == [.authorize])
        #expect(try await database.session(session.id) == session)
    }

    @Test func `a session that the router never confirmed fails at its end`() async throws {
        gateway.failAlways(.unauthorized)
        let (coupon, session) = try await database.redeem(try fixture.client())
        try await fixture.running {
            try await fixture.until(calls: 2)
            clock.advance(40_000)
            try await fixture.reconciler.sweep()
            let failed = try await database.session(session.id)
            #expect(failed.status == .failed && failed.reason == "router_unreachable")
            gateway.failAlways(nil)
            try await fixture.settle()
        }
        #expect(gateway.calls.last?.kind == .revoke, "the router may hold it")
        #expect(try await database.isValid(coupon))
    }

    @Test func `a session that ends while the router is busy is not authorized again`() async throws {
        gateway.failAlways(.busy("starting"))
        let (coupon, session) = try await database.redeem(try fixture.client())
        try await fixture.running {
            try await fixture.until(calls: 1)
            try await fixture.end(session)
            gateway.failAlways(nil)
            try await fixture.settle()
        }
        #expect(gateway.calls.last?.kind == .revoke)
        #expect(gateway.calls.drop { $0.kind == .authorize }.allSatisfy { $0.kind == .revoke })
        #expect(try await database.session(session.id).hasEnded(.signedOut))
        #expect(try await database.isValid(coupon))
    }

    @Test func `a device with a new address does not wait for its old one`() async throws {
        clock.stop()
        let (_, session) = try await database.redeem(try fixture.client())
        gateway.failAlways(.deviceNotSeen) { $0.client == session.client }
        let new = try fixture.client(1, ip: 99)
        try await fixture.running {
            try await fixture.until(calls: 1)
            try await fixture.rest()
            try await fixture.recapture(session, at: new)
            try await fixture.settle()
        }
        #expect(gateway.calls.map(\.client) == [session.client, new])
        let active = try await database.session(session.id)
        #expect(active.status == .active && active.client == new)
    }

    @Test(arguments: [GatewayError.deviceNotSeen, .deviceMismatch, .refused("no")])
    func `an active session waits for a router that refuses it`(
        error: GatewayError
    ) async throws {
        let (_, session) = try await database.activeSession(try fixture.client())
        gateway.failAlways(error)
        let start = clock.now()
        try await fixture.recapture(session, at: session.client)
        try await fixture.running {
            try await fixture.until { clock.now().timeIntervalSince(start) >= 600 }
            #expect(try await database.session(session.id).status == .active)
            let times = gateway.calls.map(\.time).filter { $0.timeIntervalSince(start) > 120 }
            #expect(zip(times, times.dropFirst()).allSatisfy { (7...10.5).contains($1.timeIntervalSince($0)) })
            gateway.failAlways(nil)
            try await fixture.settle()
        }
        #expect(!gateway.calls.contains { $0.kind == .revoke })
        #expect(try await database.session(session.id) == session)
    }

    @Test func `a stalled session does not delay its renewal`() async throws {
        let (_, session) = try await database.activeSession(try fixture.client())
        gateway.failAlways(.deviceNotSeen) { $0.client == session.client }
        let start = clock.now()
        try await fixture.recapture(session, at: session.client)
        try await fixture.running {
            try await fixture.until { clock.now().timeIntervalSince(start) >= 120 }
            clock.stop()
            try await fixture.rest()
            let calls = gateway.calls.count
            let other = try fixture.client(1, ip: 2)
            let (_, renewal) = try await database.redeem(other, Ownership(sessionID: session.id))
            try await fixture.settle()
            #expect(gateway.calls.dropFirst(calls).map(\.client) == [other])
            #expect(try await database.session(renewal.id).status == .active)
        }
        #expect(try await database.session(session.id).hasEnded(.replaced))
    }

    @Test(arguments: [GatewayError.deviceNotSeen, .deviceMismatch])
    func `a stalled session with a new address is authorized there at once`(error: GatewayError) async throws {
        let (_, session) = try await database.activeSession(try fixture.client())
        gateway.failAlways(error) { $0.client == session.client }
        let start = clock.now()
        try await fixture.recapture(session, at: session.client)
        try await fixture.running {
            try await fixture.until { clock.now().timeIntervalSince(start) >= 120 }
            clock.stop()
            try await fixture.rest()
            let calls = gateway.calls.count
            let new = try fixture.client(1, ip: 99)
            try await fixture.recapture(session, at: new)
            try await fixture.settle()
            #expect(gateway.calls.dropFirst(calls).map(\.client) == [new])
            #expect(try await database.session(session.id).awaitingSince == nil)
        }
    }

    @Test(arguments: [GatewayError.deviceNotSeen, .busy("starting"), .full("licence")])
    func `a retried request does not delay another request of the same device`(error: GatewayError) async throws {
        clock.stop()
        let (coupon, unseen) = try await database.redeem(try fixture.client(1, ip: 1))
        gateway.failAlways(error) { $0.client == unseen.client }
        try await fixture.running {
            try await fixture.until(calls: 1)
            try await fixture.rest()
            let (_, session) = try await database.redeem(try fixture.client(1, ip: 2))
            try await fixture.settle()
            #expect(gateway.calls.map(\.client) == [unseen.client, session.client])
            #expect(try await database.session(session.id).status == .active)
        }
        #expect(try await database.session(unseen.id).hasEnded(.replaced))
        #expect(try await database.isValid(coupon))
    }

    @Test func `a refused request does not delay another request of the same device`() async throws {
        clock.stop()
        let (coupon, refused) = try await database.redeem(try fixture.client(1, ip: 1))
        clock.advance(1)
        let (_, session) = try await database.redeem(try fixture.client(1, ip: 2))
        gateway.failAlways(.deviceMismatch) { $0.client == refused.client }
        try await fixture.running { try await fixture.settle() }
        #expect(gateway.calls.map(\.client) == [refused.client, session.client])
        #expect(try await database.session(refused.id).status == .failed)
        #expect(try await database.session(session.id).status == .active)
        #expect(try await database.isValid(coupon))
    }

    @Test func `a revocation is retried until the router accepts it`() async throws {
        let (_, session) = try await database.activeSession(try fixture.client())
        gateway.fail(Array(repeating: .refused("no"), count: 5))
        try await fixture.end(session, .admin)
        try await fixture.running { try await fixture.settle() }
        #expect(gateway.calls.map(\.kind) == Array(repeating: .revoke, count: 6))
        #expect(try await !database.isPending(session.siteDevice))
    }

    @Test func `a refused revocation does not delay or undo a new session of the device`() async throws {
        let (_, old) = try await database.activeSession(try fixture.client())
        gateway.failAlways(.refused("no")) { $0.kind == .revoke }
        try await fixture.end(old, .admin)
        try await fixture.running {
            try await fixture.until(calls: 12)
            clock.stop()
            try await fixture.rest()
            let calls = gateway.calls.count
            let (_, new) = try await database.redeem(try fixture.client())
            try await fixture.settle()
            #expect(gateway.calls.dropFirst(calls).map(\.kind) == [.authorize])
            #expect(try await database.session(new.id).status == .active)
        }
    }

    @Test func `a revocation is retried until a day after the session's time`() async throws {
        let (_, session) = try await database.activeSession(try fixture.client())
        gateway.failAlways(.refused("no"))
        let end = clock.now().addingTimeInterval(Double(ReconcilerFixture.ttl) + 86_400)
        try await fixture.end(session, .admin)
        try await fixture.running {
            clock.advance(Double(ReconcilerFixture.ttl) + 86_000)
            try await fixture.settle()
        }
        let last = try #require(gateway.calls.last?.time)
        #expect((-75..<0).contains(last.timeIntervalSince(end)))
        #expect(try await !database.isPending(session.siteDevice))
    }

    @Test(arguments: [GatewayError.unreachable("no route"), .busy("starting")])
    func `setting the clock back does not delay devices`(error: GatewayError) async throws {
        gateway.fail(Array(repeating: error, count: 3))
        let (_, session) = try await database.redeem(try fixture.client())
        try await fixture.running {
            try await fixture.until(calls: 2)
            clock.advance(-7_200)
            let start = clock.now()
            try await fixture.settle()
            #expect(clock.now().timeIntervalSince(start) < 60)
        }
        #expect(try await database.session(session.id).status == .active)
    }

    @Test func `a result that the database cannot record is produced again`() async throws {
        let store = FailingStore(database.store)
        store.failWrites(3)
        let reconciler = fixture.another(store: store)
        let start = clock.now()
        let (_, session) = try await database.redeem(try fixture.client())
        try await fixture.running(reconciler) { try await fixture.settle(reconciler) }
        #expect(gateway.calls.map(\.kind) == Array(repeating: .authorize, count: 4))
        #expect(clock.now().timeIntervalSince(start) >= 3)
        #expect(try await database.session(session.id).status == .active)
    }

    @Test func `an unreadable database is read again at the start`() async throws {
        let (_, session) = try await database.redeem(try fixture.client())
        let store = FailingStore(database.store)
        store.failReads(3)
        let reconciler = fixture.another(store: store)
        let start = clock.now()
        try await fixture.running(reconciler) {
            try await fixture.until { try await database.session(session.id).status == .active }
        }
        #expect(clock.now().timeIntervalSince(start) >= 3)
    }
}
