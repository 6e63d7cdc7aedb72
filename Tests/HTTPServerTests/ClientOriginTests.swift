import NetworkAddress
import Testing

@testable import HTTPServer

struct ClientOriginTests {
    private func origin(_ fields: String..., peer: String = "10.0.0.1", trusted: [String] = ["10.0.0.0/8"]) throws
        -> ClientOrigin
    {
        let text = "GET / HTTP/1.1\r\nHost: inner\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n"
        return ClientOrigin(
            try RequestHead(Array(text.utf8)), peer: try #require(IPAddress(peer)), isSecure: false,
            trusted: trusted.compactMap { Subnet($0) })
    }

    @Test func `forwarding fields of an untrusted peer are ignored and removed`() throws {
        let origin = try origin(
            "X-Forwarded-For: 1.2.3.4", "X-Forwarded-Proto: https", "X-Forwarded-Host: b", "Forwarded: for=1.2.3.4",
            peer: "192.0.2.1")
        #expect(origin.client == IPAddress("192.0.2.1"))
        #expect(!origin.isSecure)
        #expect(origin.authority == nil)
        #expect(origin.headers?.fields.map(\.name) == ["Host"])
    }

    @Test(arguments: [
        ("1.2.3.4", "1.2.3.4"), ("6.6.6.6, 1.2.3.4", "1.2.3.4"), ("6.6.6.6, 1.2.3.4, 10.0.0.2", "1.2.3.4"),
        ("10.0.0.3, 10.0.0.2", "10.0.0.3"), ("unknown, 10.0.0.2", "10.0.0.2"), ("nonsense", "10.0.0.1"),
        ("[2001:db8::1]:80", "2001:db8::1"), ("2001:db8::1", "2001:db8::1"), ("1.2.3.4:99", "1.2.3.4"),
        ("::ffff:1.2.3.4", "1.2.3.4"),
    ]) func `the client is the first untrusted hop from the right`(_ field: String, _ client: String) throws {
        #expect(try origin("X-Forwarded-For: \(field)").client == IPAddress(client))
    }

    @Test func `several fields form one list of hops`() throws {
        #expect(
            try origin("X-Forwarded-For: 6.6.6.6", "X-Forwarded-For: 1.2.3.4, 10.9.9.9").client == IPAddress("1.2.3.4"))
    }

    @Test func `scheme and host of a trusted proxy are applied`() throws {
        let origin = try origin(
            "X-Forwarded-For: 1.2.3.4", "X-Forwarded-Proto: HTTPS", "X-Forwarded-Host: Portal.example")
        #expect(origin.isSecure)
        #expect(origin.authority == "portal.example")
        #expect(try self.origin("X-Forwarded-Host: a/b").authority == nil)
    }

    @Test(arguments: [
        ("for=1.2.3.4;proto=https;host=portal.example", "1.2.3.4"),
        ("For=\"[2001:db8::17]:4711\";proto=https;host=portal.example", "2001:db8::17"),
        ("for=6.6.6.6, for=1.2.3.4;proto=https;host=portal.example", "1.2.3.4"),
        ("for=6.6.6.6, for=_hidden;proto=https;host=portal.example", "10.0.0.1"),
        ("for=unknown;PROTO=\"https\";host=\"portal.example\"", "10.0.0.1"),
        ("for=\"6.6.6.6, for=5.5.5.5\", for=1.2.3.4;proto=https;host=portal.example", "1.2.3.4"),
    ]) func `a Forwarded field is applied`(_ field: String, _ client: String) throws {
        let origin = try origin("Forwarded: \(field)")
        #expect(origin.client == IPAddress(client))
        #expect(origin.isSecure)
        #expect(origin.authority == "portal.example")
    }

    @Test func `X-Forwarded fields and Forwarded are never merged`() throws {
        let origin = try origin("X-Forwarded-For: 1.2.3.4", "Forwarded: for=6.6.6.6;proto=https;host=evil")
        #expect(origin.client == IPAddress("1.2.3.4"))
        #expect(!origin.isSecure)
        #expect(origin.authority == nil)
    }
}
