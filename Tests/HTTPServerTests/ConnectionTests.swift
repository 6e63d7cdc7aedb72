import Glibc
import NetworkAddress
import Synchronization
import Testing

@testable import HTTPServer

struct ConnectionTests {
    private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func `a connection serves several requests`() async throws {
        let server = try TestServer { request in .text(.ok, request.path) }
        let client = try server.connect()
        for number in 1...5 {
            client.send("GET /\(number) HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(client.reply()?.text == "/\(number)")
        }
        #expect(server.server.statistics.accepted == 1)
        #expect(server.server.statistics.requests == 5)
        #expect(server.server.statistics.responses == [2: 5])
        await server.stop()
    }

    @Test func `responses to pipelined requests are in order, immediate or not`() async throws {
        let responder = ClosureResponder(
            immediately: { $0.path.hasPrefix("/now") ? .text(.ok, $0.path) : nil },
            eventually: { request in
                await Task.yield()
                return .text(.ok, request.path)
            })
        let server = try TestServer(responder: responder)
        let client = try server.connect()
        let paths = (0..<60).map { $0 % 3 == 0 ? "/later/\($0)" : "/now/\($0)" }
        client.send(paths.map { "GET \($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
        for path in paths { #expect(client.reply()?.text == path) }
        await server.stop()
    }

    @Test func `clients that reset their connections while responses are queued do not stop the server`() async throws {
        let body = [UInt8](repeating: 0x61, count: 8 << 20)
        let server = try TestServer { _ in Response(.ok, body: .bytes(body)) }
        for _ in 0..<30 {
            let clients = try (0..<32).map { _ in try server.connect() }
            for client in clients { client.send(get) }
            for client in clients {
                client.skip(.random(in: 1...2_000_000))
                client.reset()
            }
        }
        let client = try server.connect()
        client.send(get)
        #expect(client.reply()?.body.count == body.count)
        await server.stop()
    }

    @Test func `HEAD has the fields of GET and no body`() async throws {
        let server = try TestServer { _ in .text(.ok, "12345") }
        let client = try server.connect()
        client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + get)
        #expect(client.reply(isHead: true)?.headers["content-length"] == "5")
        #expect(client.reply()?.text == "12345")
        await server.stop()
    }

    @Test func `a chunked body is received completely`() async throws {
        let server = try TestServer { .text(.ok, String(decoding: $0.body, as: UTF8.self)) }
        let client = try server.connect()
        client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        client.send("2;x\r\nde\r\n0\r\nT: u\r\n\r\n")
        #expect(client.reply()?.text == "abcde")
        await server.stop()
    }

    @Test func `the server sends 100 Continue before the body is sent`() async throws {
        let server = try TestServer { .text(.ok, "\($0.body.count)") }
        let client = try server.connect()
        client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        #expect(client.reply()?.status == 100)
        client.send("abc")
        #expect(client.reply()?.text == "3")
        await server.stop()
    }

    @Test func `a slow head gets 408 and the connection is closed`() async throws {
        let server = try TestServer({ $0.limits.headerTime = .milliseconds(50) }) { _ in .text(.ok, "") }
        let client = try server.connect()
        client.send("GET / HTTP")
        #expect(HTTPReply.all(in: client.readToEnd()).map(\.status) == [408])
        #expect(server.server.statistics.refusals == [408: 1])
        await server.stop()
    }

    @Test func `the responder's refusal is received despite unread bytes`() async throws {
        let refusing: @Sendable (Status, String?) -> Response? = { status, path in
            Response(status, body: .bytes(Array("no \(status.rawValue) \(path ?? "-")".utf8)))
        }
        let server = try TestServer(responder: ClosureResponder(limit: 10, refusing: refusing))
        let client = try server.connect()
        client.send(
            "POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n" + String(repeating: "x", count: 200_000))
        let reply = client.reply()
        #expect(reply?.text == "no 413 /form")
        #expect(reply?.headers["Connection"] == "close")
        await server.stop()
    }

    @Test func `a field with a line end becomes 500`() async throws {
        let server = try TestServer { request in
            var response = Response.redirect(.found, to: "/" + (request.queryValue("to") ?? ""))
            if request.path == "/prepared" { response = .prepared(PreparedResponse(response)) }
            return response
        }
        let client = try server.connect()
        for path in ["/", "/prepared"] {
            client.send("GET \(path)?to=x%0d%0aSet-Cookie:%20a HTTP/1.1\r\nHost: a\r\n\r\n")
            let reply = client.reply()
            #expect(reply?.status == 500)
            #expect(reply?.headers["Set-Cookie"] == nil)
        }
        await server.stop()
    }

    @Test func `a response larger than the socket buffers arrives completely`() async throws {
        let body = (0..<(8 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let server = try TestServer { _ in Response(.ok, body: .shared(SharedBytes(body))) }
        let client = try server.connect()
        client.send(get + get)
        #expect(client.reply()?.body == body)
        #expect(client.reply()?.body == body)
        await server.stop()
    }

    @Test func `an HTTP 1.0 connection is closed unless the client requests keep-alive`() async throws {
        let server = try TestServer { _ in .text(.ok, "hi") }
        let client = try server.connect()
        client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        #expect(client.reply()?.headers["Connection"] == "keep-alive")
        client.send("GET / HTTP/1.0\r\n\r\n")
        let replies = HTTPReply.all(in: client.readToEnd())
        #expect(replies.map { $0.headers["Connection"] } == ["close"])
        await server.stop()
    }

    @Test func `a response can close its connection`() async throws {
        let server = try TestServer {
            var response = Response.text(.ok, $0.path)
            response.closesConnection = $0.path == "/last"
            return response
        }
        let client = try server.connect()
        client.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\nGET /last HTTP/1.1\r\nHost: a\r\n\r\n" + get)
        let replies = HTTPReply.all(in: client.readToEnd())
        #expect(replies.map(\.text) == ["/first", "/last"])
        #expect(replies.map { $0.headers["Connection"] } == [nil, "close"])
        await server.stop()
    }

    @Test func `a half-closed client still receives its response`() async throws {
        let server = try TestServer(responder: ClosureResponder(eventually: { _ in .text(.ok, "late") }))
        let client = try server.connect()
        client.send(get)
        client.finishSending()
        #expect(HTTPReply.all(in: client.readToEnd()).map(\.text) == ["late"])
        await server.stop()
    }

    @Test func `a half-closed client receives the responses to all pipelined requests`() async throws {
        let server = try TestServer(responder: ClosureResponder(eventually: { .text(.ok, $0.path) }))
        let client = try server.connect()
        client.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
        client.finishSending()
        #expect(HTTPReply.all(in: client.readToEnd()).map(\.text) == ["/1", "/2"])
        await server.stop()
    }

    @Test func `a client that reads slowly does not delay another`() async throws {
        let body = [UInt8](repeating: 7, count: 8 << 20)
        let server = try TestServer({ $0.loops = 1 }) {
            $0.path == "/big" ? Response(.ok, body: .bytes(body)) : .text(.ok, "hi")
        }
        let slow = try server.connect()
        slow.send(String(repeating: "GET /big HTTP/1.1\r\nHost: a\r\n\r\n", count: 20))
        let other = try server.connect()
        for _ in 0..<100 {
            other.send(get)
            #expect(other.reply()?.text == "hi")
        }
        #expect(slow.reply()?.body.count == body.count)
        await server.stop()
    }

    @Test func `a handler runs on its connection's thread, also after a suspension`() async throws {
        let responder = ClosureResponder(
            immediately: { $0.path == "/thread" ? .text(.ok, "\(pthread_self())") : nil },
            eventually: { _ in
                let before = pthread_self()
                try? await Task.sleep(for: .milliseconds(1))
                return .text(.ok, before == pthread_self() ? "\(before)" : "moved")
            })
        let server = try TestServer(responder: responder)
        let client = try server.connect()
        client.send("GET /thread HTTP/1.1\r\nHost: a\r\n\r\n" + get)
        let threads = [client.reply()?.text, client.reply()?.text]
        #expect(threads[0] != nil && threads[0] == threads[1])
        await server.stop()
    }

    @Test func `a client that disconnects cancels its handler and does not affect other clients`() async throws {
        let (events, sink) = AsyncStream<String>.makeStream()
        let responder = ClosureResponder(
            immediately: { $0.path == "/ok" ? .text(.ok, "fine") : nil },
            eventually: { _ in
                sink.yield("begun")
                try? await Task.sleep(for: .seconds(60))
                sink.yield(Task.isCancelled ? "cancelled" : "waited")
                return .text(.ok, "unused")
            })
        let server = try TestServer(responder: responder)
        var iterator = events.makeAsyncIterator()
        let client = try server.connect()
        client.send(get)
        #expect(await iterator.next() == "begun")
        client.reset()
        #expect(await iterator.next() == "cancelled")
        let other = try server.connect()
        other.send("GET /ok HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(other.reply()?.text == "fine")
        await server.stop()
    }

    @Test func `the connection of a client that does not read its response is reset`() async throws {
        let body = [UInt8](repeating: 7, count: 16 << 20)
        let server = try TestServer({ $0.limits.writeStall = .milliseconds(50) }) { _ in
            Response(.ok, body: .bytes(body))
        }
        let client = try server.connect()
        client.send(get)
        #expect(client.waitForReset())
        await server.stop()
    }

    @Test func `an idle connection is closed without a response`() async throws {
        let server = try TestServer({ $0.limits.idleTime = .milliseconds(50) }) { _ in .text(.ok, "hi") }
        let client = try server.connect()
        client.send(get)
        #expect(client.reply()?.text == "hi")
        #expect(client.readToEnd().isEmpty)
        await server.stop()
    }

    @Test func `Date, Server, Content-Length and Connection are set by the server only`() async throws {
        let server = try TestServer({ $0.serverName = "Portico" }) { _ in
            Response(.ok, headers: ["Date": "never", "Content-Length": "77", "Connection": "upgrade", "X": "y"])
        }
        let client = try server.connect()
        client.send(get)
        let headers = client.reply()?.headers
        #expect(headers?.values("Date").count == 1)
        #expect(headers?["Date"]?.hasSuffix(" GMT") == true)
        #expect(headers?["Server"] == "Portico")
        #expect(headers?.values("Content-Length") == ["0"])
        #expect(headers?["Connection"] == nil)
        await server.stop()
    }

    @Test func `a port in use is an error`() async throws {
        let server = try TestServer { _ in nil }
        #expect(throws: SystemError.self) {
            _ = try TestServer({ $0.listeners[0].address = server.addresses[0] }) { _ in nil }
        }
        await server.stop()
    }
}
