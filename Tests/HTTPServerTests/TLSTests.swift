import Foundation
import Logging
import NetworkAddress
import Testing

@testable import HTTPServer

struct TLSTests {
    private let folder: URL
    private let files: Server.TLSConfiguration

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        files = Server.TLSConfiguration(
            certificateFile: folder.appending(path: "cert.pem").path, keyFile: folder.appending(path: "key.pem").path)
        try makeCertificate("first.example")
    }

    /// Replaces the files with a new self-signed certificate and its key by renaming, as renewal tools do.
    private func makeCertificate(_ name: String) throws {
        let fresh = ["key.pem.new", "cert.pem.new"].map { folder.appending(path: $0).path }
        _ = try Program.run(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
            fresh[0],
            "-out", fresh[1], "-days", "2", "-subj", "/CN=\(name)")
        for file in fresh { rename(file, String(file.dropLast(4))) }
    }

    private func server() throws -> TestServer {
        try TestServer({ $0.listeners[0].tls = files }) { request in
            .text(.ok, "\(request.isSecure) \(String(decoding: request.body, as: UTF8.self))")
        }
    }

    private func handshake(_ server: TestServer, _ options: String...) throws -> String {
        try Program.run(
            ["openssl", "s_client", "-connect", "127.0.0.1:\(server.port)"] + options,
            input: "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    }

    @Test(arguments: ["-tls1_2", "-tls1_3"]) func `a TLS request gets a response`(_ version: String) async throws {
        let server = try server()
        let output = try handshake(server, version, "-ign_eof", "-alpn", "h2,http/1.1")
        #expect(output.contains("HTTP/1.1 200 OK"))
        #expect(output.contains("true "))
        #expect(output.contains("ALPN protocol: http/1.1"))
        await server.stop()
    }

    @Test func `versions and ciphers outside Mozilla's intermediate profile are refused`() async throws {
        let server = try server()
        let weak = [
            ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], ["-tls1_2", "-cipher", "AES128-SHA:ECDHE-ECDSA-AES128-SHA"],
        ]
        for options in weak {
            let output = try Program.run(
                ["openssl", "s_client", "-connect", "127.0.0.1:\(server.port)"] + options, input: "", mayFail: true)
            #expect(output.contains("Cipher is (NONE)"))
        }
        await server.stop()
    }

    @Test func `a client that offers only other ALPN protocols is refused`() async throws {
        let server = try server()
        let output = try Program.run(
            ["openssl", "s_client", "-connect", "127.0.0.1:\(server.port)", "-alpn", "h2"], input: "", mayFail: true)
        #expect(output.contains("no application protocol"))
        await server.stop()
    }

    @Test func `a session is resumed with its ticket`() async throws {
        let server = try server()
        let session = folder.appending(path: "session.pem").path
        _ = try handshake(server, "-tls1_2", "-ign_eof", "-sess_out", session)
        #expect(try handshake(server, "-tls1_2", "-ign_eof", "-sess_in", session).contains("Reused, TLSv1.2"))
        await server.stop()
    }

    @Test func `a body of many TLS records is received and sent`() async throws {
        let server = try TestServer(
            { $0.listeners[0].tls = files },
            responder: ClosureResponder(
                immediately: { Response(.ok, body: .bytes($0.body)) }, limit: 4 << 20))
        let sent = folder.appending(path: "sent")
        let bytes = Data((0..<(3 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 7) })
        try bytes.write(to: sent)
        let received = folder.appending(path: "received")
        _ = try Program.run(
            "curl", "-sk", "--max-time", "20", "--data-binary", "@\(sent.path)", "-o", received.path,
            "https://127.0.0.1:\(server.port)/")
        #expect(try Data(contentsOf: received) == bytes)
        await server.stop()
    }

    @Test func `a changed certificate is loaded once`() throws {
        let context = try TLSContext(files, logger: .init(label: "test"))
        let before = context.generation
        context.reloadIfChanged()
        #expect(context.generation == before)
        try makeCertificate("second.example")
        context.reloadIfChanged()
        #expect(context.generation == before + 1)
    }

    @Test func `a running server uses a changed certificate and accepts earlier tickets`() async throws {
        let server = try server()
        let session = folder.appending(path: "session.pem").path
        #expect(try handshake(server, "-tls1_2", "-ign_eof", "-sess_out", session).contains("CN = first.example"))
        try makeCertificate("second.example")
        var shown = ""
        for _ in 0..<5000 where !shown.contains("CN = second.example") { shown = try handshake(server) }
        #expect(shown.contains("CN = second.example"))
        #expect(try handshake(server, "-tls1_2", "-ign_eof", "-sess_in", session).contains("Reused, TLSv1.2"))
        await server.stop()
    }

    @Test func `the certificate is kept if the changed files cannot be used`() throws {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let context = try TLSContext(files, logger: logger)
        try "no certificate".write(toFile: files.certificateFile, atomically: true, encoding: .utf8)
        context.reloadIfChanged()
        #expect(context.generation == 0)
        #expect(throws: TLSError.self) { _ = try TLSContext(files, logger: logger) }
    }

    @Test func `a PROXY header before TLS is parsed without consuming TLS bytes`() async throws {
        let server = try TestServer({
            $0.listeners[0].tls = files
            $0.listeners[0].proxyProtocol = true
            $0.trustedProxies = [Subnet("127.0.0.0/8")].compactMap(\.self)
        }) { .text(.ok, "\($0.client) \($0.isSecure)") }
        let url = "https://127.0.0.1:\(server.port)/"
        #expect(try Program.run("curl", "-sk", "--max-time", "10", "--haproxy-protocol", url) == "127.0.0.1 true")
        await server.stop()
    }

    @Test func `a handshake that takes too long is aborted`() async throws {
        let server = try TestServer({
            $0.listeners[0].tls = files
            $0.limits.handshakeTime = .milliseconds(50)
        }) { _ in nil }
        let client = try server.connect()
        client.send([0x16, 0x03, 0x01])
        #expect(client.readToEnd().isEmpty)
        #expect(server.server.statistics.requests == 0)
        await server.stop()
    }

    @Test func `a plain HTTP request to a TLS port closes the connection`() async throws {
        let server = try server()
        let client = try server.connect()
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(!String(decoding: client.readToEnd(), as: UTF8.self).contains("HTTP/1.1"))
        await server.stop()
    }
}
