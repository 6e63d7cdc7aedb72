import Captive
import GatewaySimulator
import Testing

@Suite struct RevocationTests {
    @Test func `a revoked device is offline and leaves nothing on the router`() async throws {
        let fixture = try RouterFixture()
        let client = try fixture.joined()
        try await fixture.gateway.authorize(client, for: 3_600)
        try await fixture.gateway.revoke(client)
        #expect(!fixture.router.isOnline(client.mac))
        #expect(fixture.router.rows("ip/hotspot/user").isEmpty)
        #expect(try await fixture.gateway.online().isEmpty)
    }

    @Test func `revoking twice is harmless`() async throws {
        let fixture = try RouterFixture()
        let client = try fixture.joined()
        try await fixture.gateway.authorize(client, for: 3_600)
        try await fixture.gateway.revoke(client)
        try await fixture.gateway.revoke(client)
        #expect(!fixture.router.isOnline(client.mac))
    }

    @Test func `others stay online`() async throws {
        let fixture = try RouterFixture()
        let clients = [try fixture.joined(1), try fixture.joined(2)]
        for client in clients { try await fixture.gateway.authorize(client, for: 3_600) }
        try await fixture.gateway.revoke(clients[0])
        #expect(try await fixture.gateway.online() == [clients[1]])
    }

    @Test func `a session of somebody else's on the device is left alone`() async throws {
        let fixture = try RouterFixture()
        let client = try fixture.joined()
        try await fixture.addUser(["name": "staff", "password": "x"])
        try await fixture.send(
            "POST", "ip/hotspot/active/login",
            ["user": "staff", "password": "x", "mac-address": "\(client.mac)", "ip": "\(client.ip)"])
        try await fixture.gateway.revoke(client)
        #expect(fixture.router.isOnline(client.mac))
    }

    @Test func `a removal whose answer is lost is made good by the next try`() async throws {
        let fixture = try RouterFixture(timeout: .seconds(1))
        let client = try fixture.joined()
        try await fixture.gateway.authorize(client, for: 3_600)
        fixture.router.plan(.loseAnswer, on: "DELETE ip/hotspot/active")
        await #expect(throws: GatewayError.self) { try await fixture.gateway.revoke(client) }
        try await fixture.gateway.revoke(client)
        #expect(fixture.router.rows("ip/hotspot/user").isEmpty)
    }
}
