import Captive
import GatewaySimulator
import NetworkAddress
import Testing

@Suite struct AuthorizationTests {
    @Test(arguments: RouterKind.all) func `an authorized device is online with the given time`(
        _ kind: RouterKind
    ) async throws {
        let fixture = try RouterFixture(kind)
        let client = try fixture.joined()
        try await fixture.gateway.authorize(client, for: 3_600)
        #expect(fixture.router.isOnline(client.mac))
        #expect(fixture.router.rows("ip/hotspot/active").map { $0["session-time-left"] } == ["1h"])
        #expect(try await fixture.gateway.online() == [client])
    }

    @Test(arguments: RouterKind.all) func `the router ends the session by itself`(_ kind: RouterKind) async throws {
        let fixture = try RouterFixture(kind)
        let client = try fixture.joined()
        try await fixture.gateway.authorize(client, for: 1_200)
        fixture.clock.advance(1_199)
        #expect(fixture.router.isOnline(client.mac))
        fixture.clock.advance(1)
        #expect(!fixture.router.isOnline(client.mac))
    }

    @Test(arguments: RouterKind.all) func `a device that the router has not seen is not authorized`(_ kind: RouterKind)
        async throws
    {
        let fixture = try RouterFixture(kind)
        await #expect(throws: GatewayError.deviceNotSeen) {
            try await fixture.gateway.authorize(try fixture.device(7), for: 3_600)
        }
        #expect(fixture.router.rows("ip/hotspot/user").isEmpty)
    }

    @Test(arguments: RouterKind.all) func `an address of another device is refused`(_ kind: RouterKind) async throws {
        let fixture = try RouterFixture(kind)
        let owner = try fixture.joined(1)
        let forger = GatewayClient(mac: try fixture.device(2).mac, ip: owner.ip)
        await #expect(throws: GatewayError.deviceMismatch) { try await fixture.gateway.authorize(forger, for: 3_600) }
        #expect(fixture.router.rows("ip/hotspot/user").isEmpty)
    }

    @Test(arguments: RouterKind.all) func `a MAC address at another address is refused`(_ kind: RouterKind) async throws
    {
        let fixture = try RouterFixture(kind)
        let owner = try fixture.joined(1)
        let forger = GatewayClient(mac: owner.mac, ip: try fixture.device(2).ip)
        await #expect(throws: GatewayError.deviceMismatch) { try await fixture.gateway.authorize(forger, for: 3_600) }
    }

    @Test(arguments: RouterKind.all) func `the same order again changes nothing`(_ kind: RouterKind) async throws {
        let fixture = try RouterFixture(kind)
        let client = try fixture.joined()
        try await fixture.gateway.authorize(client, for: 3_600)
        let before = fixture.router.rows("ip/hotspot/active")
        try await fixture.gateway.authorize(client, for: 3_600)
        #expect(fixture.router.rows("ip/hotspot/active") == before)
        #expect(fixture.router.counts["POST ip/hotspot/active/login"] == 1)
    }

    @Test(arguments: RouterKind.all) func `a new session replaces the remaining time`(_ kind: RouterKind)
        async throws
    {
        let fixture = try RouterFixture(kind)
        let client = try fixture.joined()
        try await fixture.gateway.authorize(client, for: 1_200)
        fixture.clock.advance(1_000)
        try await fixture.gateway.authorize(client, for: 1_200)
        #expect(fixture.router.rows("ip/hotspot/active").map { $0["session-time-left"] } == ["20m"])
        #expect(fixture.router.rows("ip/hotspot/user").count == 1)
    }

    @Test(arguments: RouterKind.all) func `the time of an earlier session does not shorten the next one`(
        _ kind: RouterKind
    ) async throws {
        let fixture = try RouterFixture(kind)
        let client = try fixture.joined()
        try await fixture.gateway.authorize(client, for: 1_200)
        fixture.clock.advance(2_000)
        try await fixture.gateway.authorize(client, for: 1_200)
        #expect(fixture.router.rows("ip/hotspot/active").map { $0["session-time-left"] } == ["20m"])
    }

    @Test(arguments: RouterKind.all) func `a device that another user logged in becomes the portal's`(
        _ kind: RouterKind
    ) async throws {
        let fixture = try RouterFixture(kind)
        let client = try fixture.joined()
        try fixture.addUser(["name": "staff", "password": "x"])
        fixture.router.runCommand(
            "/ip/hotspot/active/login",
            ["user": "staff", "password": "x", "mac-address": "\(client.mac)", "ip": "\(client.ip)"])
        try await fixture.gateway.authorize(client, for: 1_200)
        #expect(try await fixture.gateway.online() == [client])
    }

    @Test(arguments: RouterKind.all) func `many guests at once share the reads`(_ kind: RouterKind) async throws {
        let fixture = try RouterFixture(kind)
        let clients = try (1...60).map { try fixture.joined($0) }
        await withThrowingTaskGroup(of: Void.self) { group in
            for client in clients { group.addTask { try await fixture.gateway.authorize(client, for: 3_600) } }
        }
        #expect(Set(try await fixture.gateway.online()) == Set(clients))
        #expect(fixture.router.counts["POST ip/hotspot/host/print", default: 0] < 30)
    }

    @Test(arguments: RouterKind.all) func `the mapping of an address to a device comes from the router`(
        _ kind: RouterKind
    ) async throws {
        let fixture = try RouterFixture(kind)
        let client = try fixture.joined()
        #expect(try await fixture.gateway.device(at: client.ip) == client.mac)
        #expect(try await fixture.gateway.device(at: try fixture.device(9).ip) == nil)
    }
}
