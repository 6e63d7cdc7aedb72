import Captive
import GatewaySimulator
import Testing

@Suite struct WindowTests {
    @Test(arguments: RouterKind.all) func `a sign-in window is a timed entry that the router removes`(
        _ kind: RouterKind
    )
        async throws
    {
        let fixture = try RouterFixture(kind)
        let client = try fixture.joined()
        try await fixture.gateway.openWindow(client, for: 300)
        let rows = fixture.router.rows("ip/firewall/address-list")
        #expect(rows.map { [$0["list"], $0["address"], $0["timeout"]] } == [["portal-auth", "\(client.ip)", "5m"]])
        fixture.clock.advance(300)
        #expect(fixture.router.rows("ip/firewall/address-list").isEmpty)
    }

    @Test(arguments: RouterKind.all) func `opening it again renews it`(_ kind: RouterKind) async throws {
        let fixture = try RouterFixture(kind)
        let client = try fixture.joined()
        try await fixture.gateway.openWindow(client, for: 300)
        fixture.clock.advance(200)
        try await fixture.gateway.openWindow(client, for: 300)
        #expect(fixture.router.rows("ip/firewall/address-list").map { $0["timeout"] } == ["5m"])
    }

    @Test(arguments: RouterKind.all) func `closing it twice is harmless`(_ kind: RouterKind) async throws {
        let fixture = try RouterFixture(kind)
        let client = try fixture.joined()
        try await fixture.gateway.openWindow(client, for: 300)
        try await fixture.gateway.closeWindow(client)
        try await fixture.gateway.closeWindow(client)
        #expect(fixture.router.rows("ip/firewall/address-list").isEmpty)
    }

    @Test(arguments: RouterKind.all) func `a forged pair of addresses gets no sign-in window`(_ kind: RouterKind)
        async throws
    {
        let fixture = try RouterFixture(kind)
        let owner = try fixture.joined(1)
        let forger = GatewayClient(mac: try fixture.device(2).mac, ip: owner.ip)
        await #expect(throws: GatewayError.deviceMismatch) { try await fixture.gateway.openWindow(forger, for: 300) }
    }
}
