import Foundation
import HTTPClient
import HTTPServer
import NetworkAddress
import Testing

/// Connections for other protocols, here a hand-written HTTP request to a real server.
@Suite struct ConnectionTests {
    private let client = HTTPClient()

    private struct Large: Responder {
        func respondImmediately(to request: Request) -> Response? {
            Response(.ok, body: .bytes([UInt8](repeating: 0x61, count: request.path == "/big" ? 3_000_000 : 5)))
        }

        func respond(to request: Request) async -> Response { .text(.notFound, "") }
    }

    private func serve(tls: Server.TLSConfiguration? = nil) throws -> (server: Server, base: String) {
        let address = try #require(SocketAddress("127.0.0.1:0"))
        let server = Server(
            configuration: .init(listeners: [.init(address: address, tls: tls)], loops: 1), responder: Large(),
            logger: quietLogger)
        return (server, "\(tls == nil ? "http" : "https")://127.0.0.1:\(try server.start()[0].port)")
    }

    /// What happens on a connection to `base` when `request` is sent as soon as it is open.
    private func talk(
        _ base: String, _ request: String, trust: HTTPRequest.Trust = .system()
    ) async -> (received: Int, wasOpened: Bool, end: HTTPClientError?) {
        let (events, send) = AsyncStream.makeStream(of: Connection.Event.self)
        let connection = client.connect(to: base, timeout: .seconds(10), trust: trust) { send.yield($0) }
        var (received, wasOpened) = (0, false)
        for await event in events {
            switch event {
            case .opened:
                wasOpened = true
                connection.send(Array(request.utf8))
            case .received(let bytes): received += bytes.count
            case .closed(let error): return (received, wasOpened, error)
            }
        }
        return (received, wasOpened, nil)
    }

    private let bigRequest = "GET /big HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

    @Test func `bytes go both ways until the other side is done`() async throws {
        let (server, base) = try serve()
        let talk = await talk(base, bigRequest)
        #expect(talk.wasOpened && talk.received > 3_000_000)
        #expect(talk.end == .interrupted("the other side closed the connection"))
        await server.shutdown(grace: .zero)
    }

    @Test func `the same over TLS`() async throws {
        let certificate = try TestCertificate()
        defer { certificate.remove() }
        let (server, base) = try serve(tls: .init(certificateFile: certificate.file, keyFile: certificate.keyFile))
        let talk = await talk(base, bigRequest, trust: .pinned(sha256: certificate.sha256))
        #expect(talk.wasOpened && talk.received > 3_000_000)
        let refused = await self.talk(base, bigRequest)
        #expect(!refused.wasOpened && refused.received == 0)
        guard case .tls = refused.end else {
            Issue.record("expected .tls, got \(String(describing: refused.end))")
            return
        }
        await server.shutdown(grace: .zero)
    }

    @Test func `a port that nobody listens at is never opened`() async throws {
        let (server, base) = try serve()
        await server.shutdown(grace: .zero)
        let talk = await talk(base, bigRequest)
        guard !talk.wasOpened, case .connect = talk.end else {
            Issue.record("expected .connect, got \(String(describing: talk.end))")
            return
        }
    }

    @Test func `a connection that is released is closed`() async throws {
        let (server, base) = try serve()
        let (events, send) = AsyncStream.makeStream(of: Connection.Event.self)
        var connection: Connection? = client.connect(to: base, timeout: .seconds(10)) { send.yield($0) }
        var end: HTTPClientError?
        for await event in events {
            if case .opened = event { connection = nil }
            if case .closed(let error) = event {
                end = error
                break
            }
        }
        #expect(connection == nil && end == .cancelled)
        await server.shutdown(grace: .zero)
    }

    /// libcurl takes an idle connection with unread bytes for dead: ours must not look idle to it.
    @Test func `an open connection outlives other traffic of the client`() async throws {
        let (server, base) = try serve()
        let (events, send) = AsyncStream.makeStream(of: Connection.Event.self)
        let connection = client.connect(to: base, timeout: .seconds(10)) { send.yield($0) }
        var received = 0
        for await event in events {
            switch event {
            case .opened:
                for _ in 0..<50 {
                    let request = HTTPRequest("GET", base + "/small", headers: [("Connection", "close")])
                    #expect(try await client.send(request).status == 200)
                }
                connection.send(Array(bigRequest.utf8))
                for _ in 0..<50 { _ = try await client.send(HTTPRequest("GET", base + "/small")) }
            case .received(let bytes): received += bytes.count
            case .closed:
                #expect(received > 3_000_000)
                await server.shutdown(grace: .zero)
                return
            }
        }
    }
}
