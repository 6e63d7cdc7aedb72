import Captive
import GatewaySimulator
import Testing

@Suite struct RevocationTests {
    @Test(arguments: RouterKind.all) func `a deauthorized device is offline and leaves nothing on the router`(
        _ kind: RouterKind
    ) async throws {
        let fixture = try RouterFixture(kind)
        let client = try fixture.joined()
        try await fixture.gateway.authorize(client, for: 3_600)
        try await fixture.gateway.revoke(client)
        #expect(!fixture.router.isOnline(client.mac))
        #expect(fixture.router.rows("ip/hotspot/user").isEmpty)
        #expect(try await fixture.gateway.online().isEmpty)
    }

    @Test(arguments: RouterKind.all) func `deauthorizing twice is harmless`(_ kind: RouterKind) async throws {
        let fixture = try RouterFixture(kind)
        let client = try fixture.joined()
        try await fixture.gateway.authorize(client, for: 3_600)
        try await fixture.gateway.revoke(client)
        try await fixture.gateway.revoke(client)
        #expect(!fixture.router.isOnline(client.mac))
    }

    @Test(arguments: RouterKind.all) func `other devices remain online`(_ kind: RouterKind) async throws {
        let fixture = try RouterFixture(kind)
        let clients = [try fixture.joined(1), try fixture.joined(2)]
        for client in clients { try await fixture.gateway.authorize(client, for: 3_600) }
        try await fixture.gateway.revoke(clients[0])
        #expect(try await fixture.gateway.online() == [clients[1]])
    }

    @Test(arguments: RouterKind.all) func `another user's session on the device is left alone`(_ kind: RouterKind)
        async throws
    {
        let fixture = try RouterFixture(kind)
        let client = try fixture.joined()
        try fixture.addUser(["name": "staff", "password": "x"])
        fixture.router.runCommand(
            "/ip/hotspot/active/login",
            ["user": "staff", "password": "x", "mac-address": "\(client.mac)", "ip": "\(client.ip)"])
        try await fixture.gateway.revoke(client)
        #expect(fixture.router.isOnline(client.mac))
    }

    @Test(arguments: RouterKind.all) func `a removal with a lost response is completed by the next attempt`(
        _ kind: RouterKind
    ) async throws {
        let fixture = try RouterFixture(kind, timeout: .seconds(1))
        let client = try fixture.joined()
        try await fixture.gateway.authorize(client, for: 3_600)
        fixture.router.plan(.loseAnswer, on: "DELETE ip/hotspot/active")
        await #expect(throws: GatewayError.self) { try await fixture.gateway.revoke(client) }
        try await fixture.gateway.revoke(client)
        #expect(fixture.router.rows("ip/hotspot/user").isEmpty)
    }
}
