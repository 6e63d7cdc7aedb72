import Foundation
import HTTPClient
import HTTPServer
import NetworkAddress
import Testing

/// Responds with the host of the request.
private struct HostEcho: Responder {
    func respondImmediately(to request: Request) -> Response? { .text(.ok, request.authority) }
    func respond(to request: Request) async -> Response { .text(.ok, request.authority) }
}

/// Observing a certificate without trusting it, and connecting to another address than the URL's.
@Suite struct ObservedCertificateTests {
    private let client = HTTPClient()

    private func serve(_ certificate: TestCertificate? = nil) throws -> (server: Server, place: String) {
        let address = try #require(SocketAddress("127.0.0.1:0"))
        let tls = certificate.map { Server.TLSConfiguration(certificateFile: $0.file, keyFile: $0.keyFile) }
        let server = Server(
            configuration: .init(listeners: [.init(address: address, tls: tls)], loops: 1), responder: HostEcho(),
            logger: quietLogger)
        return (server, "\(try server.start()[0])")
    }

    @Test func `connectTo sets the address, and the request keeps the host of its URL`() async throws {
        let (server, place) = try serve()
        let answer = try await client.send(HTTPRequest("GET", "http://probe.invalid/x", connectTo: place))
        #expect(String(decoding: answer.body, as: UTF8.self) == "probe.invalid")
        #expect(answer.certificate == nil)
        await server.shutdown(grace: .zero)
    }

    @Test func `an unknown certificate is accepted and described`() async throws {
        let certificate = try TestCertificate()
        defer { certificate.remove() }
        let (server, place) = try serve(certificate)
        let answer = try await client.send(HTTPRequest("GET", "https://\(place)/", trust: .observed()))
        let seen = try #require(answer.certificate)
        #expect(seen.issue != nil && seen.isSelfSigned && seen.matchesHost)
        #expect(seen.sha256 == certificate.sha256)
        #expect(seen.subject == "router" && seen.issuer == "router" && seen.sentCount == 1)
        #expect(seen.notBefore < Date() && (86_400...172_800).contains(seen.notAfter.timeIntervalSinceNow))
        await server.shutdown(grace: .zero)
    }

    @Test func `a certificate of a known authority is valid`() async throws {
        let certificate = try TestCertificate()
        defer { certificate.remove() }
        let (server, place) = try serve(certificate)
        let trust = HTTPRequest.Trust.observed(extraAuthorities: certificate.file)
        let answer = try await client.send(HTTPRequest("GET", "https://\(place)/", trust: trust))
        #expect(answer.certificate?.issue == nil)
        #expect(answer.certificate?.matchesHost == true)
        await server.shutdown(grace: .zero)
    }

    @Test func `a certificate for another host does not match`() async throws {
        let certificate = try TestCertificate()
        defer { certificate.remove() }
        let (server, place) = try serve(certificate)
        let answer = try await client.send(
            HTTPRequest("GET", "https://portal.invalid/", trust: .observed(), connectTo: place))
        #expect(answer.certificate?.matchesHost == false)
        #expect(String(decoding: answer.body, as: UTF8.self) == "portal.invalid")
        await server.shutdown(grace: .zero)
    }

    @Test func `observing a certificate does not make other requests trust it`() async throws {
        let certificate = try TestCertificate()
        defer { certificate.remove() }
        let (server, place) = try serve(certificate)
        _ = try await client.send(HTTPRequest("GET", "https://\(place)/", trust: .observed()))
        await #expect(throws: HTTPClientError.self) { try await client.send(HTTPRequest("GET", "https://\(place)/")) }
        await server.shutdown(grace: .zero)
    }
}
