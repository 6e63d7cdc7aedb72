import Foundation
import HTTPClient
import HTTPServer
import NetworkAddress
import Testing

/// Responds with the request's method, authorization and body; `/slow` does not respond.
private struct Echo: Responder {
    let bodyLimit = 1 << 20

    func respondImmediately(to request: Request) -> Response? {
        switch request.path {
        case "/slow": nil
        case "/redirect": .redirect(.found, to: "/end")
        case "/big": Response(.ok, body: .bytes([UInt8](repeating: 0x61, count: 100_000)))
        default:
            Response(
                .ok, headers: ["X-Method": request.method.rawValue, "X-User": request.headers["Authorization"] ?? ""],
                body: .bytes(request.body))
        }
    }

    func respond(to request: Request) async -> Response {
        try? await Task.sleep(for: .seconds(3_600))
        return .text(.ok, "late")
    }
}

@Suite struct HTTPClientTests {
    private let client = HTTPClient()

    private func serve(tls: Server.TLSConfiguration? = nil) throws -> (server: Server, base: String) {
        let address = try #require(SocketAddress("127.0.0.1:0"))
        let server = Server(
            configuration: .init(listeners: [.init(address: address, tls: tls)], loops: 1), responder: Echo(),
            logger: quietLogger)
        let bound = try server.start()[0]
        return (server, "\(tls == nil ? "http" : "https")://127.0.0.1:\(bound.port)")
    }

    private func failure(_ request: HTTPRequest) async -> HTTPClientError? {
        do { _ = try await client.send(request) } catch { return error }
        return nil
    }

    @Test(arguments: ["GET", "POST", "PUT", "PATCH", "DELETE"])
    func `a request arrives unchanged`(_ method: String) async throws {
        let (server, base) = try serve()
        let body: [UInt8]? = method == "GET" ? nil : Array("{}".utf8)
        let response = try await client.send(
            HTTPRequest(method, base + "/x", body: body, credentials: .init(user: "a", password: "b:c")))
        #expect(response["x-method"] == method)
        #expect(response["X-User"] == "Basic YTpiOmM=")
        #expect(response.body == body ?? [])
        await server.shutdown(grace: .zero)
    }

    @Test func `an empty body is sent`() async throws {
        let (server, base) = try serve()
        #expect(try await client.send(HTTPRequest("POST", base + "/x", body: [])).status == 200)
        await server.shutdown(grace: .zero)
    }

    @Test func `connections are reused`() async throws {
        let (server, base) = try serve()
        for _ in 0..<50 { _ = try await client.send(HTTPRequest("GET", base + "/x")) }
        #expect(server.statistics.accepted <= 4)
        await server.shutdown(grace: .zero)
    }

    @Test func `a missing response is a timeout`() async throws {
        let (server, base) = try serve()
        #expect(await failure(HTTPRequest("GET", base + "/slow", timeout: .milliseconds(100))) == .timeout)
        await server.shutdown(grace: .zero)
    }

    @Test func `cancelling the task cancels its transfer`() async throws {
        let (server, base) = try serve()
        let task = Task { await failure(HTTPRequest("GET", base + "/slow", timeout: .seconds(60))) }
        task.cancel()
        #expect(await task.value == .cancelled)
        await server.shutdown(grace: .zero)
    }

    @Test func `a closed port is a connection error`() async throws {
        let (server, base) = try serve()
        await server.shutdown(grace: .zero)
        guard case .connect = await failure(HTTPRequest("GET", base)) else {
            Issue.record("expected .connect")
            return
        }
    }

    @Test func `a response over the limit is an error`() async throws {
        let (server, base) = try serve()
        #expect(await failure(HTTPRequest("GET", base + "/big", maxResponseBytes: 99_999)) == .tooLarge)
        #expect(try await client.send(HTTPRequest("GET", base + "/big", maxResponseBytes: 100_000)).status == 200)
        await server.shutdown(grace: .zero)
    }

    @Test func `redirects are followed only if allowed`() async throws {
        let (server, base) = try serve()
        #expect(try await client.send(HTTPRequest("GET", base + "/redirect")).status == 302)
        #expect(try await client.send(HTTPRequest("GET", base + "/redirect", redirects: 1)).status == 200)
        await server.shutdown(grace: .zero)
    }

    @Test func `only http and https URLs are allowed`() async {
        #expect(await failure(HTTPRequest("GET", "file:///etc/hostname")) != nil)
    }

    @Test func `a certificate is trusted only by its pin or its authority`() async throws {
        let certificate = try TestCertificate()
        defer { certificate.remove() }
        let (server, base) = try serve(
            tls: .init(certificateFile: certificate.file, keyFile: certificate.keyFile))
        let pin = HTTPRequest.Trust.pinned(sha256: certificate.sha256)
        #expect(try await client.send(HTTPRequest("GET", base, trust: pin)).status == 200)
        let authority = HTTPRequest.Trust.authority(pem: certificate.pem)
        #expect(try await client.send(HTTPRequest("GET", base, trust: authority)).status == 200)
        // A request with another pin must not use the connection opened with the right pin.
        let others = [
            HTTPRequest.Trust.pinned(sha256: [UInt8](repeating: 7, count: 32)), .system(), .pinned(sha256: []),
        ]
        for trust in others {
            #expect(await failure(HTTPRequest("GET", base, trust: trust)) != nil, "\(trust)")
        }
        await server.shutdown(grace: .zero)
    }
}
