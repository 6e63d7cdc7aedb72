import Captive
import Foundation
import GatewaySimulator
import Testing

/// After a fault at any step, the next attempt succeeds, and a guest has one user and one session.
@Suite struct FaultTests {
    private static let steps = [
        "POST ip/hotspot/host/print", "POST ip/hotspot/active/print", "PUT ip/hotspot/user",
        "POST ip/hotspot/active/login",
    ]
    private static let faults = [RouterFault.hang, .loseAnswer, .garbage, .refuse(status: 503, detail: "busy")]
    private static let breaks: [RouterFault] = [
        .drop(.beforeTheWork), .drop(.duringTheAnswer), .drop(.beforeTheAnswer), .fatal("session terminated"),
    ]

    @Test(arguments: steps, faults)
    func `an authorization survives`(_ step: String, _ fault: RouterFault) async throws {
        for kind in RouterKind.all { try await authorizeTwice(kind, step, fault) }
    }

    @Test(arguments: steps, breaks)
    func `an authorization survives the loss of its connection`(_ step: String, _ fault: RouterFault) async throws {
        for kind in [RouterKind.api, .apiSix] { try await authorizeTwice(kind, step, fault) }
    }

    private func authorizeTwice(_ kind: RouterKind, _ step: String, _ fault: RouterFault) async throws {
        let fixture = try RouterFixture(kind, timeout: .seconds(1))
        let client = try fixture.joined()
        fixture.router.plan(fault, on: step)
        try? await fixture.gateway.authorize(client, for: 3_600)
        try await fixture.gateway.authorize(client, for: 3_600)
        #expect(try await fixture.gateway.online() == [client])
        #expect(fixture.router.rows("ip/hotspot/user").count == 1)
        #expect(fixture.router.rows("ip/hotspot/active").map { $0["session-time-left"] } == ["1h"])
    }

    @Test(arguments: RouterKind.all) func `a login with a lost response is detected at once`(_ kind: RouterKind)
        async throws
    {
        let fixture = try RouterFixture(kind, timeout: .seconds(1))
        let client = try fixture.joined()
        fixture.router.plan(.loseAnswer, on: "POST ip/hotspot/active/login")
        try await fixture.gateway.authorize(client, for: 3_600)
        #expect(fixture.router.counts["POST ip/hotspot/active/login"] == 1)
    }

    @Test(arguments: RouterKind.all) func `a permission error is not retried`(_ kind: RouterKind) async throws {
        let fixture = try RouterFixture(kind)
        let client = try fixture.joined()
        fixture.router.plan(
            .refuse(status: 500, detail: "not enough permissions (9)"), on: "PUT ip/hotspot/user", times: 2)
        await #expect(throws: GatewayError.self) { try await fixture.gateway.authorize(client, for: 3_600) }
        #expect(fixture.router.counts["PUT ip/hotspot/user"] == 1)
    }

    @Test(arguments: RouterKind.all) func `a reboot ends the sessions, and the next authorization restores one`(
        _ kind: RouterKind
    ) async throws {
        let fixture = try RouterFixture(kind)
        let client = try fixture.joined()
        try await fixture.gateway.authorize(client, for: 3_600)
        fixture.router.reboot()
        #expect(try await fixture.gateway.online().isEmpty)
        fixture.router.connect(client.mac, client.ip)
        try await fixture.gateway.authorize(client, for: 1_800)
        #expect(fixture.router.rows("ip/hotspot/active").map { $0["session-time-left"] } == ["30m"])
    }
}
