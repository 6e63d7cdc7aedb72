import Captive
import Foundation
import GatewaySimulator
import Testing

/// Whatever goes wrong at whichever step: the next try succeeds, and one guest has one user and one session.
@Suite struct FaultTests {
    private static let steps = [
        "POST ip/hotspot/host/print", "POST ip/hotspot/active/print", "PUT ip/hotspot/user",
        "POST ip/hotspot/active/login",
    ]

    @Test(arguments: steps, [RouterFault.hang, .loseAnswer, .garbage, .refuse(status: 503, detail: "busy")])
    func `an authorization survives`(_ step: String, _ fault: RouterFault) async throws {
        let fixture = try RouterFixture(timeout: .seconds(1))
        let client = try fixture.joined()
        fixture.router.plan(fault, on: step)
        try? await fixture.gateway.authorize(client, for: 3_600)
        try await fixture.gateway.authorize(client, for: 3_600)
        #expect(try await fixture.gateway.online() == [client])
        #expect(fixture.router.rows("ip/hotspot/user").count == 1)
        #expect(fixture.router.rows("ip/hotspot/active").map { $0["session-time-left"] } == ["1h"])
    }

    @Test func `a login whose answer is lost is found out at once`() async throws {
        let fixture = try RouterFixture(timeout: .seconds(1))
        let client = try fixture.joined()
        fixture.router.plan(.loseAnswer, on: "POST ip/hotspot/active/login")
        try await fixture.gateway.authorize(client, for: 3_600)
        #expect(fixture.router.counts["POST ip/hotspot/active/login"] == 1)
    }

    @Test func `a refusal of permissions is asked once`() async throws {
        let fixture = try RouterFixture()
        let client = try fixture.joined()
        fixture.router.plan(
            .refuse(status: 500, detail: "not enough permissions (9)"), on: "PUT ip/hotspot/user", times: 2)
        await #expect(throws: GatewayError.self) { try await fixture.gateway.authorize(client, for: 3_600) }
        #expect(fixture.router.counts["PUT ip/hotspot/user"] == 1)
    }

    @Test func `a reboot takes the sessions, and the next order brings one back`() async throws {
        let fixture = try RouterFixture()
        let client = try fixture.joined()
        try await fixture.gateway.authorize(client, for: 3_600)
        fixture.router.reboot()
        #expect(try await fixture.gateway.online().isEmpty)
        fixture.router.connect(client.mac, client.ip)
        try await fixture.gateway.authorize(client, for: 1_800)
        #expect(fixture.router.rows("ip/hotspot/active").map { $0["session-time-left"] } == ["30m"])
    }
}
