import Testing

@testable import HTTPServer

struct ShutdownTests {
    private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func `a shutdown closes idle connections and waits for running requests`() async throws {
        let (begun, beginSink) = AsyncStream<Void>.makeStream()
        let (gate, openGate) = AsyncStream<Void>.makeStream()
        let responder = ClosureResponder(
            immediately: { $0.path == "/ok" ? .text(.ok, "fine") : nil },
            eventually: { _ in
                beginSink.yield()
                for await _ in gate { break }
                return .text(.ok, "finished")
            })
        let server = try TestServer(responder: responder)
        let (idle, busy) = (try server.connect(), try server.connect())
        idle.send("GET /ok HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(idle.reply()?.text == "fine")
        busy.send(get)
        for await _ in begun { break }
        async let stopped: Void = server.server.shutdown(grace: .seconds(60))
        // A blocking read here would occupy a thread of the pool that the shutdown needs.
        #expect(await idle.replyOffPool() == nil)
        openGate.yield()
        let reply = busy.reply()
        #expect(reply?.text == "finished")
        #expect(reply?.headers["Connection"] == "close")
        #expect(busy.reply() == nil)
        await stopped
        #expect(throws: TestClient.Failure.self) { _ = try server.connect() }
        #expect(server.server.statistics.open == 0)
    }

    @Test func `requests that exceed the grace period are cancelled and their connections closed`() async throws {
        let (events, sink) = AsyncStream<String>.makeStream()
        let responder = ClosureResponder(eventually: { _ in
            sink.yield("begun")
            try? await Task.sleep(for: .seconds(600))
            sink.yield("cancelled")
            return Response(.ok)
        })
        let server = try TestServer(responder: responder)
        var iterator = events.makeAsyncIterator()
        let client = try server.connect()
        client.send(get)
        #expect(await iterator.next() == "begun")
        await server.server.shutdown(grace: .zero)
        #expect(await iterator.next() == "cancelled")
        #expect(client.reply() == nil)
    }

    @Test func `a second shutdown does nothing`() async throws {
        let server = try TestServer { _ in nil }
        await server.stop()
        await server.stop()
    }
}
