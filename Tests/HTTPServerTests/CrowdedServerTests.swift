import Foundation
import NetworkAddress
import Synchronization
import Testing

@testable import HTTPServer

/// More connections than the limits of the server or of a client.
@Suite struct CrowdedServerTests {
    private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    private func status(_ client: TestClient) -> Int? {
        client.send(get)
        return client.reply()?.status
    }

    @Test func `a client over its limit loses its connection that has waited longest`() async throws {
        let server = try TestServer({
            $0.limits.connectionsPerClient = 2
            $0.loops = 1
        }) { _ in .text(.ok, "hi") }
        let clients = try (0..<3).map { _ in
            let client = try server.connect()
            #expect(status(client) == 200)
            return client
        }
        #expect(clients[0].readToEnd().isEmpty, "closed without a response")
        #expect(status(clients[1]) == 200 && status(clients[2]) == 200)
        await server.stop()
    }

    @Test func `a full server closes the connection that has waited longest`() async throws {
        let server = try TestServer({
            $0.limits.connections = 2
            $0.limits.connectionsPerClient = 100
            $0.loops = 1
        }) { _ in .text(.ok, "hi") }
        let clients = try (0..<2).map { _ in try server.connect() }
        for client in clients { #expect(status(client) == 200) }
        #expect(status(clients[0]) == 200, "the first connection is the more recent one")
        let newcomer = try server.connect()
        #expect(status(newcomer) == 200)
        #expect(clients[1].readToEnd().isEmpty)
        #expect(status(clients[0]) == 200)
        await server.stop()
    }

    @Test func `idle, slow and incomplete connections are closed for new ones`() async throws {
        let server = try TestServer({ $0.limits.connections = 64 }) { _ in .text(.ok, "hi") }
        let openings = [
            "G", "GET / HTTP/1.1\r\nHost: a\r\nX: ", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx",
        ]
        let attackers = try (0..<300).map { number in
            let attacker = try server.connect()
            attacker.send(openings[number % openings.count])
            return attacker
        }
        for _ in 0..<20 { #expect(status(try server.connect()) == 200) }
        withExtendedLifetime(attackers) {}
        await server.stop()
    }

    @Test func `a connection with a running handler is not closed`() async throws {
        let gate = Gate()
        var responder = ClosureResponder()
        responder.immediately = { $0.path == "/slow" ? nil : .text(.ok, "hi") }
        responder.eventually = { _ in
            await gate.wait()
            return .text(.ok, "slow")
        }
        let server = try TestServer(
            {
                $0.limits.connections = 33
                $0.limits.connectionsPerClient = 1_000
                $0.loops = 1
            }, responder: responder)
        let busy = try (0..<33).map { _ in
            let client = try server.connect()
            client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            return client
        }
        while gate.count < 33 { try await Task.sleep(for: .milliseconds(5)) }
        let newcomer = try server.connect()
        #expect(newcomer.reply()?.status == 503, "all are busy")
        for number in UInt32(2)..<100 {
            #expect(status(try server.connect(from: 0x7F00_0000 + number)) == 200, "another client's first connection")
        }
        gate.open()
        for client in busy { #expect(client.reply()?.text == "slow") }
        await server.stop()
    }

    @Test func `a client with a full share of busy connections cannot hold more`() async throws {
        let gate = Gate()
        var responder = ClosureResponder()
        responder.immediately = { $0.path == "/slow" ? nil : .text(.ok, "hi") }
        responder.eventually = { _ in
            await gate.wait()
            return .text(.ok, "slow")
        }
        let server = try TestServer(
            {
                $0.limits.connectionsPerClient = 4
                $0.loops = 1
            }, responder: responder)
        let attackers = try (0..<400).map { _ in
            let attacker = try server.connect(from: 0x7F00_0002)
            attacker.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            return attacker
        }
        while server.server.statistics.accepted < 400 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(server.server.statistics.open <= 4 + 32)
        #expect(gate.count == 4)
        let other = try server.connect()
        #expect(status(other) == 200)
        gate.open()
        for attacker in attackers.prefix(4) { #expect(attacker.reply()?.text == "slow") }
        await server.stop()
    }

    @Test func `a refused connection makes room for the next refusal when it ends`() async throws {
        let gate = Gate()
        let responder = ClosureResponder(eventually: { _ in
            await gate.wait()
            return .text(.ok, "slow")
        })
        let server = try TestServer(
            {
                $0.limits.connectionsPerClient = 1
                $0.loops = 1
            }, responder: responder)
        let busy = try server.connect()
        busy.send(get)
        while gate.count < 1 { try await Task.sleep(for: .milliseconds(5)) }
        for _ in 0..<100 {
            let refused = try server.connect()
            refused.send(get)
            #expect(refused.reply()?.status == 503)
            refused.finishSending()
            #expect(refused.readToEnd().isEmpty)
        }
        gate.open()
        #expect(busy.reply()?.text == "slow")
        await server.stop()
    }

    @Test func `a handler that only waits loses its connection to a new one`() async throws {
        let ended = Mutex(0)
        var responder = ClosureResponder()
        responder.immediately = { $0.path == "/wait" ? nil : .text(.ok, "hi") }
        responder.eventually = { request in
            do { try await request.whileReplaceable { try await Task.sleep(for: .seconds(60)) } } catch {
                ended.withLock { $0 += 1 }
            }
            return .text(.ok, "waited")
        }
        let server = try TestServer(
            {
                $0.limits.connectionsPerClient = 2
                $0.loops = 1
            }, responder: responder)
        let waiting = try (0..<2).map { _ in
            let client = try server.connect()
            client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
            return client
        }
        while server.server.statistics.requests < 2 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(status(try server.connect()) == 200)
        #expect(waiting[0].readToEnd().isEmpty)
        while ended.withLock(\.self) < 1 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(ended.withLock(\.self) == 1)
        withExtendedLifetime(waiting) {}
        await server.server.shutdown(grace: .zero)
    }

    @Test func `a client that ends its side while its handler only waits has left`() async throws {
        let ended = Mutex(false)
        let responder = ClosureResponder(eventually: { request in
            do { try await request.whileReplaceable { try await Task.sleep(for: .seconds(60)) } } catch {
                ended.withLock { $0 = true }
            }
            return .text(.ok, "waited")
        })
        let server = try TestServer(responder: responder)
        let early = try server.connect()
        early.send(get)
        early.finishSending()
        #expect(early.readToEnd().isEmpty)
        let late = try server.connect()
        late.send(get)
        while server.server.statistics.requests < 2 { try await Task.sleep(for: .milliseconds(5)) }
        try await Task.sleep(for: .milliseconds(50))
        late.finishSending()
        #expect(late.readToEnd().isEmpty)
        #expect(server.server.statistics.open == 0)
        while !ended.withLock(\.self) { try await Task.sleep(for: .milliseconds(5)) }
        await server.stop()
    }

    @Test func `a handler that has waited keeps its connection`() async throws {
        let gate = Gate()
        var responder = ClosureResponder()
        responder.immediately = { $0.path == "/wait" ? nil : .text(.ok, "hi") }
        responder.eventually = { request in
            await request.whileReplaceable { await Task.yield() }
            await gate.wait()
            return .text(.ok, "waited")
        }
        let server = try TestServer(
            {
                $0.limits.connectionsPerClient = 1
                $0.loops = 1
            }, responder: responder)
        let waiting = try server.connect()
        waiting.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
        while gate.count < 1 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(status(try server.connect()) == 503)
        gate.open()
        #expect(waiting.reply()?.text == "waited")
        #expect(status(waiting) == 200, "the connection is reused")
        await server.stop()
    }

    @Test func `the reserve is at most a quarter of the descriptors`() {
        let all = Server.raiseFileLimit()
        #expect(Server.firstReservedDescriptor(of: 0) == .max)
        #expect(Server.firstReservedDescriptor(of: 64) == Int32(all - 64))
        #expect(Server.firstReservedDescriptor(of: all) == Int32(all - all / 4))
    }

    @Test func `two thousand clients behind one address keep their connections and receive responses`() async throws {
        #expect(Server.raiseFileLimit() > 6_000, "this test needs 4,000 files")
        let server = try TestServer { _ in .text(.ok, "hi") }
        let guests = try (0..<2_000).map { _ in try server.connect() }
        for guest in guests { guest.send(get) }
        #expect(guests.allSatisfy { $0.reply()?.status == 200 })
        #expect(guests.allSatisfy { status($0) == 200 }, "on the same connections")
        await server.stop()
    }

    @Test func `two thousand clients behind one address share fewer connections`() async throws {
        let server = try TestServer({ $0.limits.connections = 500 }) { _ in .text(.ok, "hi") }
        var guests: [TestClient] = []
        for _ in 0..<2_000 {
            let guest = try server.connect()
            #expect(status(guest) == 200)
            guests.append(guest)
        }
        #expect(server.server.statistics.open <= 532)
        await server.stop()
    }

    @Test func `a client's share is the number of free connections`() throws {
        let counter = ConnectionCounter(limit: 100, limitPerClient: 0)
        let counts = try (1...4).map { number in
            let client = try #require(IPAddress("192.0.2.\(number)"))
            var count = 0
            while counter.admit(client) {
                counter.enter()
                count += 1
            }
            return count
        }
        #expect(counts == [50, 25, 13, 8])
    }

    @Test func `a client exceeds its share by eight if its waiting connections may be on another loop`() throws {
        let counter = ConnectionCounter(limit: 100, limitPerClient: 2)
        let client = try #require(IPAddress("192.0.2.1"))
        let asked = Asked()
        counter.onOverload { client in asked.clients.withLock { $0.append(client) } }
        #expect(counter.admit(client) && counter.admit(client))
        #expect(!counter.admit(client) && !counter.admitAboveShare(client), "one loop has all its connections")
        counter.onOverload { _ in }
        for _ in 0..<8 { #expect(counter.admitAboveShare(client)) }
        #expect(!counter.admitAboveShare(client) && counter.isAboveShare(client))
        counter.requestRoom(of: client)
        #expect(asked.clients.withLock(\.self) == [client])
    }

    @Test func `an IPv6 /64 is one client`() throws {
        let counter = ConnectionCounter(limit: 100, limitPerClient: 1)
        #expect(counter.admit(try #require(IPAddress("2001:db8::1")).countedAs))
        #expect(!counter.admit(try #require(IPAddress("2001:db8::ffff")).countedAs))
        #expect(counter.admit(try #require(IPAddress("2001:db8:0:1::1")).countedAs))
    }
}

/// The clients of which a connection was to be closed.
private final class Asked: Sendable {
    let clients = Mutex<[IPAddress?]>([])
}

/// Suspends handlers until the test opens it.
private final class Gate: Sendable {
    private let state = Mutex<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    var count: Int { state.withLock { $0.waiting.count } }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            defer { state = (true, []) }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
