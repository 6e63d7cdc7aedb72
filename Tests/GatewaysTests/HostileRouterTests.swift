import Captive
import GatewaySimulator
import NetworkAddress
import Testing

@testable import Gateways

/// A router that sends invalid or oversized responses.
@Suite struct HostileRouterTests {
    private static let counters = [
        "bytes-in": "9223372036854775807", "bytes-out": "9223372036854775807", "limit-bytes-total": "1",
    ]

    @Test(arguments: RouterKind.all) func `a list with extreme counters is read`(_ kind: RouterKind) async throws {
        let fixture = try RouterFixture(kind)
        let client = try fixture.joined()
        try await fixture.gateway.authorize(client, for: 3_600)
        fixture.router.set("ip/hotspot/active", Self.counters)
        let entry = try #require(try await fixture.gateway.list().first)
        #expect(entry.letsThrough(client) && entry.bytesLeft == nil)
    }

    @Test(arguments: RouterKind.all) func `a clock with an invalid offset is unreadable`(_ kind: RouterKind)
        async throws
    {
        let fixture = try RouterFixture(kind)
        for offset in ["9223372036854775807:00", "-9223372036854775808:00", "+00:9223372036854775807"] {
            fixture.router.set("system/clock", ["gmt-offset": offset])
            let gateway = try #require(fixture.gateway as? any GatewayInspection)
            guard case .unreadable = await gateway.inspect().clock else {
                Issue.record("\(offset) was accepted")
                continue
            }
        }
    }

    @Test(arguments: RouterKind.all) func `five thousand guests are listed`(_ kind: RouterKind) async throws {
        let fixture = try RouterFixture(kind, timeout: .seconds(60))
        for number in 0..<5_000 { fixture.router.add("ip/hotspot/active", Self.session(number)) }
        #expect(try await fixture.gateway.list().count == 5_000)
    }

    /// As long as RouterOS allows.
    private static func session(_ number: Int) -> [String: String] {
        let mac = MACAddress(rawValue: 0xAABB_CCDD_0000 + UInt64(number)) ?? MACAddress(rawValue: 0)
        let digits = mac?.description.filter { $0 != ":" } ?? ""
        return [
            "user": "portico-\(digits)", "mac-address": mac?.description ?? "",
            "address": "10.105.\(number >> 8).\(number & 255)",
            "session-time-left": "35w3d13h13m56s", "bytes-in": "123456789012", "bytes-out": "123456789012",
            "limit-bytes-total": "999999999999", "uptime": "35w3d13h13m56s", "login-by": "http-pap",
        ]
    }

    @Test(arguments: RouterKind.all) func `a response that is too long is refused, and other calls continue`(
        _ kind: RouterKind
    ) async throws {
        let fixture = try RouterFixture(kind, timeout: .seconds(60))
        let client = try fixture.joined()
        for number in 0..<20_001 { fixture.router.add("ip/hotspot/active", ["address": "\(number)"]) }
        await #expect(throws: RouterOSFault.tooLong.error) { try await fixture.gateway.list() }
        try await fixture.gateway.authorize(client, for: 3_600)
        #expect(await fixture.gateway.health().problem == nil)
    }

    @Test(arguments: RouterKind.all) func `a filtered response has a lower limit`(_ kind: RouterKind) async throws {
        let fixture = try RouterFixture(kind)
        let client = try fixture.joined()
        let name = RouterOSGateway.userName(of: client.mac)
        for _ in 0..<1_100 {
            fixture.router.add("ip/hotspot/cookie", ["mac-address": client.mac.description, "user": name])
        }
        await #expect(throws: RouterOSFault.tooLong.error) { try await fixture.gateway.revoke(client) }
    }
}
