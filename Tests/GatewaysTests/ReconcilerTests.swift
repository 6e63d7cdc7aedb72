import Captive
import Foundation
import Logging
import NetworkAddress
import Testing

@testable import Gateways

@Suite struct OrderQueueTests {
    let clock = TestClock()
    let books = FakeBooks()
    let gateway: FakeGateway
    let queue: OrderQueue
    let site = UUID()

    init() {
        gateway = FakeGateway(now: clock.now)
        queue = OrderQueue(
            gateways: gateway, sessions: books, orders: books, logger: quietLogger, now: clock.now, sleep: clock.sleep)
    }

    private func order(_ number: UInt32 = 1, lasting: TimeInterval? = nil) throws -> GatewayOrder {
        let mac = try #require(MACAddress(rawValue: UInt64(number)))
        let session = GuestSession.make(GatewayClient(mac: mac, ip: .v4(number)), at: site, now: clock.now())
        books.keep(session)
        return .make(.authorize, of: session, now: clock.now(), lasting: lasting)
    }

    /// Runs the queue while `work` lasts.
    private func running(_ work: () async throws -> Void) async throws {
        let run = Task { await queue.run() }
        try await work()
        run.cancel()
        await run.value
    }

    @Test func `an order is delivered and confirmed`() async throws {
        let order = try order()
        try await running {
            queue.submit(order)
            #expect(await books.next() == [.confirmed(order.id)])
        }
        #expect(gateway.calls.map(\.ttl) == [3_600])
        #expect(books.statuses == [.active])
    }

    @Test func `what a portal left undone is delivered when it starts`() async throws {
        let order = try order()
        books.keep(order)
        try await running { #expect(await books.next() == [.confirmed(order.id)]) }
    }

    @Test func `an order submitted twice is delivered once`() async throws {
        let order = try order()
        queue.submit(order)
        queue.submit(order)
        let last = try self.order(2)
        queue.submit(last)
        try await running { _ = await books.next(2) }
        #expect(gateway.calls.count == 2)
    }

    @Test func `a failing router is asked at most once a second, by one order at a time`() async throws {
        gateway.failAlways(.unreachable("no route"))
        let orders = try (1...20).map { try order($0) }
        for order in orders { queue.submit(order) }
        try await running {
            while gateway.calls.count < 15 { await Task.yield() }
            gateway.failAlways(nil)
            #expect(await books.next(20).count == 20)
        }
        let times = gateway.calls.dropFirst(4).prefix(10).map(\.time)
        #expect(zip(times, times.dropFirst()).allSatisfy { $1.timeIntervalSince($0) >= 1 })
        #expect(zip(times, times.dropFirst()).allSatisfy { $1.timeIntervalSince($0) <= 5 })
    }

    @Test func `a device that never appears fails after a minute`() async throws {
        gateway.failAlways(.deviceNotSeen)
        let order = try order()
        let start = clock.now()
        queue.submit(order)
        try await running { #expect(await books.next() == [.failed(order.id, "device_not_seen")]) }
        #expect(clock.now().timeIntervalSince(start) >= 60)
        #expect(!gateway.calls.contains { $0.kind == .revoke })
        #expect(books.statuses == [.failed])
    }

    @Test func `a device that appears late gets its whole time`() async throws {
        gateway.fail([.deviceNotSeen, .deviceNotSeen, .busy("starting")])
        let order = try order()
        queue.submit(order)
        try await running { #expect(await books.next() == [.confirmed(order.id)]) }
        #expect(gateway.calls.map(\.ttl) == [3_600, 3_600, 3_600, 3_600])
    }

    @Test func `a forged pair fails at once and nobody is cut off`() async throws {
        gateway.fail([.deviceMismatch])
        let order = try order()
        queue.submit(order)
        try await running { #expect(await books.next() == [.failed(order.id, "device_mismatch")]) }
        #expect(gateway.calls.map(\.kind) == [.authorize])
    }

    @Test func `a refusal fails at once and is undone`() async throws {
        gateway.fail([.refused("no")])
        let order = try order()
        queue.submit(order)
        try await running {
            #expect(await books.next() == [.failed(order.id, "router_refused")])
            while !queue.isEmpty { await Task.yield() }
        }
        #expect(gateway.calls.map(\.kind) == [.authorize, .revoke])
    }

    @Test func `an order whose time is over fails with the router's reason`() async throws {
        gateway.failAlways(.unauthorized)
        let order = try order(lasting: 30)
        queue.submit(order)
        try await running { #expect(await books.next() == [.failed(order.id, "router_unauthorized")]) }
    }

    @Test func `orders for a device keep their order`() async throws {
        let first = try order()
        gateway.failAlways(.busy("x"))
        queue.submit(first)
        try await running {
            while gateway.calls.isEmpty { await Task.yield() }
            let ended = try #require(
                await books.end(first.sessionID, as: .disconnected, reason: nil, now: clock.now()))
            queue.submit(ended)
            #expect(await books.next() == [.finished(first.id)])
            gateway.failAlways(nil)
            #expect(await books.next() == [.finished(ended.id)])
        }
        #expect(gateway.calls.last?.kind == .revoke)
    }

    @Test func `a device that was let in for another stay is not cut off`() async throws {
        let old = try order()
        let revoke = try #require(await books.end(old.sessionID, as: .expired, reason: nil, now: clock.now()))
        clock.advance(1)
        var stay = try #require(await books.session(try order().sessionID))
        stay.status = .active
        books.keep(stay)
        queue.submit(revoke)
        try await running { #expect(await books.next() == [.finished(revoke.id)]) }
        #expect(gateway.calls.isEmpty)
    }

    @Test func `a try of one who shows a device's MAC address does not keep it from being cut off`() async throws {
        let old = try order()
        let revoke = try #require(await books.end(old.sessionID, as: .disconnected, reason: nil, now: clock.now()))
        clock.advance(1)
        _ = try order()
        queue.submit(revoke)
        try await running { #expect(await books.next() == [.finished(revoke.id)]) }
        #expect(gateway.calls.map(\.kind) == [.revoke])
    }

    @Test func `an active session gets the time that is left`() async throws {
        let client = GatewayClient(mac: try #require(MACAddress(rawValue: 1)), ip: .v4(1))
        let session = GuestSession.make(client, at: site, now: clock.now(), status: .active)
        books.keep(session)
        books.keep(GatewayOrder.make(.authorize, of: session, now: clock.now()))
        clock.advance(600)
        try await running { _ = await books.next() }
        #expect(gateway.calls.map(\.ttl) == [3_000])
    }

    @Test func `one who waits is told when it is done, or when it takes too long`() async throws {
        let order = try order()
        #expect(await queue.wait(for: order.id, atMost: .seconds(1)))
        gateway.fail([.busy("x")])
        queue.submit(order)
        #expect(await !queue.wait(for: order.id, atMost: .seconds(1)))
        try await running { _ = await books.next() }
        #expect(await queue.wait(for: order.id, atMost: .seconds(1)))
    }

    @Test func `sessions whose time is over are cut off`() async throws {
        let order = try order()
        try await running {
            queue.submit(order)
            _ = await books.next()
            clock.advance(4_000)
            let watch = ExpiryWatch(
                sessions: books, delivery: queue, logger: quietLogger, now: clock.now,
                sleep: { _ in throw CancellationError() })
            await watch.run()
            _ = await books.next()
        }
        #expect(books.statuses == [.expired])
        #expect(gateway.calls.map(\.kind) == [.authorize, .revoke])
    }

    private func stay(_ number: UInt32 = 1, at host: UInt32 = 1, ttl: Int = 36_000) throws -> GuestSession {
        let mac = try #require(MACAddress(rawValue: UInt64(number)))
        let session = GuestSession.make(
            GatewayClient(mac: mac, ip: .v4(host)), at: site, now: clock.now(), ttl: ttl, status: .active)
        books.keep(session)
        return session
    }

    @Test(arguments: [GatewayError.deviceNotSeen, .deviceMismatch, .refused("no")])
    func `a stay that was let in before waits for a router that will not have it back`(error: GatewayError) async throws
    {
        let order = GatewayOrder.make(.authorize, of: try stay(), now: clock.now())
        gateway.failAlways(error)
        queue.submit(order)
        let start = clock.now()
        try await running {
            while clock.now().timeIntervalSince(start) < 600 { await Task.yield() }
            #expect(books.statuses == [.active])
            let times = gateway.calls.map(\.time).filter { $0.timeIntervalSince(start) > 120 }
            #expect(zip(times, times.dropFirst()).allSatisfy { $1.timeIntervalSince($0) >= 7 })
            gateway.failAlways(nil)
            #expect(await books.next() == [.confirmed(order.id)])
        }
        #expect(!gateway.calls.contains { $0.kind == .revoke })
    }

    @Test func `a stay's order that stalls lets every later one of the device pass`() async throws {
        let session = try stay()
        let stalled = GatewayOrder.make(.authorize, of: session, now: clock.now())
        gateway.failAlways(.deviceNotSeen)
        queue.submit(stalled)
        let start = clock.now()
        try await running {
            while clock.now().timeIntervalSince(start) < 120 { await Task.yield() }
            var renewal = GuestSession.make(
                GatewayClient(mac: session.client.mac, ip: .v4(2)), at: site, now: clock.now())
            renewal.replaces = session.id
            books.keep(renewal)
            let order = GatewayOrder.make(.authorize, of: renewal, now: clock.now())
            let asked = gateway.calls.count
            queue.submit(order)
            while gateway.calls.last?.client != renewal.client { await Task.yield() }
            let meanwhile = gateway.calls.dropFirst(asked).prefix { $0.client != renewal.client }
            #expect(meanwhile.count <= 1, "but for what was under way")
            gateway.failAlways(nil)
            #expect(await books.next(2) == [.confirmed(order.id), .finished(stalled.id)])
        }
    }

    @Test func `a device that has gone on to another address does not wait for its order at the old one`() async throws
    {
        let old = try order()
        var session = try #require(await books.session(old.sessionID))
        gateway.failAlways(.deviceNotSeen)
        queue.submit(old)
        try await running {
            while gateway.calls.count < 2 { await Task.yield() }
            session.client.ip = .v4(99)
            books.keep(session)
            let start = clock.now()
            let new = GatewayOrder.make(.authorize, of: session, now: start)
            queue.submit(new)
            #expect(await books.next() == [.finished(old.id)])
            gateway.failAlways(nil)
            #expect(await books.next() == [.confirmed(new.id)])
            #expect(clock.now().timeIntervalSince(start) < 10)
        }
        #expect(gateway.calls.last?.client == session.client)
    }

    @Test func `an order that waited for hours gives the time that is left then`() async throws {
        let session = try stay(ttl: 36_000)
        queue.submit(.make(.authorize, of: session, now: clock.now()))
        clock.advance(7_200)
        try await running { _ = await books.next() }
        #expect(gateway.calls.map(\.ttl) == [28_800])
    }

    @Test func `an order whose stay has ended since it was written is not carried out`() async throws {
        let order = try order()
        queue.submit(order)
        _ = try await books.end(order.sessionID, as: .disconnected, reason: .replaced, now: clock.now())
        try await running { #expect(await books.next() == [.finished(order.id)]) }
        #expect(gateway.calls.isEmpty)
    }

    @Test func `a device is cut off however often its router refuses to`() async throws {
        let session = try stay()
        let revoke = try #require(await books.end(session.id, as: .disconnected, reason: nil, now: clock.now()))
        gateway.fail(Array(repeating: .refused("no"), count: 5))
        queue.submit(revoke)
        try await running { #expect(await books.next() == [.finished(revoke.id)]) }
        #expect(gateway.calls.count == 6)
    }

    @Test func `a revocation that its router refuses keeps no new stay of the device waiting`() async throws {
        let old = try stay()
        let revoke = try #require(await books.end(old.id, as: .disconnected, reason: nil, now: clock.now()))
        gateway.failAlways(.refused("no"))
        queue.submit(revoke)
        try await running {
            while gateway.calls.count < 12 { await Task.yield() }
            let new = try order()
            gateway.failAlways(.busy("x"))
            queue.submit(new)
            while gateway.calls.last?.kind != .authorize { await Task.yield() }
            gateway.failAlways(nil)
            #expect(await books.next(2) == [.confirmed(new.id), .finished(revoke.id)])
        }
        #expect(gateway.calls.last?.kind == .authorize, "whose stay is not cut off afterwards")
    }

    @Test func `a device that came back to the place it had left is not cut off there`() async throws {
        let session = try stay()
        let left = GatewayOrder.make(.revoke, of: session, now: clock.now())
        queue.submit(left)
        try await running { #expect(await books.next() == [.finished(left.id)]) }
        #expect(gateway.calls.isEmpty)
    }

    @Test(arguments: [GatewayError.unreachable("no route"), .busy("starting")])
    func `a clock that is set back delays nothing`(error: GatewayError) async throws {
        gateway.fail(Array(repeating: error, count: 3))
        let order = try order(lasting: 100_000)
        queue.submit(order)
        try await running {
            while gateway.calls.count < 2 { await Task.yield() }
            clock.advance(-7_200)
            let start = clock.now()
            #expect(await books.next() == [.confirmed(order.id)])
            #expect(clock.now().timeIntervalSince(start) < 60)
        }
    }

    @Test func `an order that nobody brought is found in the books`() async throws {
        let (order, fresh) = (try order(), try self.order(2))
        try await running {
            queue.submit(fresh)
            _ = await books.next()
            books.keep(order)
            try await queue.takeUpLost()
            #expect(queue.isEmpty, "its writer may be about to bring it")
            clock.advance(60)
            try await queue.takeUpLost()
            #expect(await books.next() == [.confirmed(order.id)])
        }
    }
}
