import NetworkAddress
import Testing

@testable import HTTPServer

struct ProxyProtocolTests {
    private static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
    private static let tcp4 = signature + [0x21, 0x11, 0, 12, 192, 168, 0, 1, 192, 168, 0, 11, 0xDC, 4, 1, 0xBB]

    @Test(arguments: [
        ("PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n", "192.168.0.1"),
        ("PROXY TCP6 2001:db8::17 ::1 1 65535\r\n", "2001:db8::17"),
        ("PROXY UNKNOWN\r\n", nil),
        ("PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n", nil),
    ]) func `a version 1 header is parsed`(_ line: String, _ client: String?) {
        let bytes = Array(line.utf8)
        let header = ProxyHeader(client: client.flatMap { IPAddress($0) })
        #expect(ProxyHeader.read(bytes + Array("GET".utf8)) == .header(header, length: bytes.count))
        for length in 0..<bytes.count { #expect(ProxyHeader.read(Array(bytes[..<length])) == .incomplete) }
    }

    @Test(arguments: [
        "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\n", "PROXY  TCP4 192.168.0.1 192.168.0.11 56324 443\r\n",
        "PROXY TCP4 192.168.0.1 192.168.0.11 056324 443\r\n", "PROXY TCP4 192.168.0.1 192.168.0.11 65536 443\r\n",
        "PROXY TCP4 192.168.0.01 192.168.0.11 1 443\r\n", "PROXY TCP4 ::1 ::2 1 443\r\n",
        "PROXY TCP6 1.2.3.4 ::2 1 443\r\n", "PROXY TCP4 1.2.3.4 1.2.3.5 1\r\n", "PROXY TCP4 1.2.3.4 1.2.3.5 1 2 3\r\n",
        "PROXY UDP4 1.2.3.4 1.2.3.5 1 2\r\n", "PROXY\r\n", "proxy TCP4 1.2.3.4 1.2.3.5 1 2\r\n",
        "PROXY UNKNOWN " + String(repeating: "x", count: 100) + "\r\n", "GET / HTTP/1.1\r\n",
    ]) func `a malformed version 1 header is refused`(_ line: String) {
        #expect(ProxyHeader.read(Array(line.utf8)) == .invalid)
    }

    @Test func `a version 2 header is parsed`() {
        let header = ProxyHeader(client: IPAddress("192.168.0.1"))
        #expect(ProxyHeader.read(Self.tcp4 + [1, 2, 3]) == .header(header, length: 28))
        for length in 0..<28 { #expect(ProxyHeader.read(Array(Self.tcp4[..<length])) == .incomplete) }
        let v6 = Self.signature + [0x21, 0x21, 0, 36] + [0x20, 1, 0xD, 0xB8] + [UInt8](repeating: 0, count: 32)
        #expect(ProxyHeader.read(v6) == .header(ProxyHeader(client: IPAddress("2001:db8::")), length: 52))
    }

    @Test func `LOCAL, UNIX and UNSPEC keep the socket's peer as the client`() {
        let local = Self.signature + [0x20, 0, 0, 3, 9, 9, 9]
        #expect(ProxyHeader.read(local) == .header(ProxyHeader(), length: 19))
        let unspecified = Self.signature + [0x21, 0, 0, 0]
        #expect(ProxyHeader.read(unspecified) == .header(ProxyHeader(), length: 16))
        let unix = Self.signature + [0x21, 0x31, 0, 216] + [UInt8](repeating: 0, count: 216)
        #expect(ProxyHeader.read(unix) == .header(ProxyHeader(), length: 232))
    }

    @Test func `the SSL extension marks the request as secure`() {
        var bytes = Self.tcp4 + [0x04, 0, 1, 0, 0x20, 0, 5, 1, 0, 0, 0, 0]
        bytes[15] = 24
        #expect(
            ProxyHeader.read(bytes)
                == .header(ProxyHeader(client: IPAddress("192.168.0.1"), isSecure: true), length: 40))
    }

    @Test(
        arguments: [
            [0x31, 0x11, 0, 12], [0x22, 0x11, 0, 12], [0x21, 0x12, 0, 12], [0x21, 0x11, 0, 11],
            [0x21, 0x11, 0xFF, 0xFF],
        ] as [[UInt8]]) func `an unknown version, command, family or length is refused`(_ bytes: [UInt8])
    {
        #expect(ProxyHeader.read(Self.signature + bytes + [UInt8](repeating: 0, count: 12)) == .invalid)
    }

    @Test func `extensions longer than the header are refused`() {
        var bytes = Self.tcp4 + [0x04, 0, 9, 0]
        bytes[15] = 16
        #expect(ProxyHeader.read(bytes) == .invalid)
    }

    private func server(trusted: String = "127.0.0.0/8") throws -> TestServer {
        try TestServer({
            $0.proxyProtocol = true
            $0.trustedProxies = [trusted].compactMap { Subnet($0) }
        }) { .text(.ok, "\($0.client)") }
    }

    @Test func `both versions are accepted on a socket, also in pieces`() async throws {
        let server = try server()
        for header in [Self.tcp4, Array("PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n".utf8)] {
            for cut in [0, 5, 14] {
                let client = try server.connect()
                client.send(Array(header[..<cut]))
                client.send(header[cut...] + Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
                #expect(client.reply()?.text == "192.168.0.1")
            }
        }
        await server.stop()
    }

    @Test func `a listener that requires the header closes connections without it`() async throws {
        let server = try server()
        let client = try server.connect()
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(client.readToEnd().isEmpty)
        await server.stop()
    }

    @Test func `the connection of an untrusted peer is closed`() async throws {
        let server = try server(trusted: "10.0.0.0/8")
        let client = try server.connect()
        client.send(Self.tcp4 + Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        #expect(client.readToEnd().isEmpty)
        await server.stop()
    }

    @Test func `a listener that does not require the header responds 400 to it`() async throws {
        let server = try TestServer { _ in .text(.ok, "hi") }
        let client = try server.connect()
        client.send("PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(client.reply()?.status == 400)
        await server.stop()
    }
}
