import Captive
import Foundation
import GatewaySimulator
import Gateways
import HTTPClient
import Testing

@Suite struct RefusalTests {
    private func failure(_ work: () async throws -> Void) async -> GatewayError? {
        do { try await work() } catch { return error as? GatewayError }
        return nil
    }

    @Test(arguments: RouterKind.all) func `a wrong password is recognised`(_ kind: RouterKind) async throws {
        let fixture = try RouterFixture(kind, password: "wrong")
        let client = try fixture.joined()
        #expect(await failure { try await fixture.gateway.authorize(client, for: 3_600) } == .unauthorized)
        #expect(await fixture.gateway.health().problem == .unauthorized)
    }

    @Test(arguments: RouterKind.all, [RouterAccount.Policy.api, .read, .write])
    func `a missing policy is named`(_ kind: RouterKind, _ policy: RouterAccount.Policy) async throws {
        let fixture = try RouterFixture(kind)
        let client = try fixture.joined()
        let policies = Set(RouterAccount.Policy.allCases).subtracting([policy])
        fixture.router.setAccount(RouterAccount(name: "portico", password: "router-password", policies: policies))
        let error = await failure { try await fixture.gateway.authorize(client, for: 3_600) }
        guard case .forbidden(let text) = error else {
            Issue.record("expected .forbidden, got \(String(describing: error))")
            return
        }
        #expect(text.contains("\"\(policy.rawValue)\""))
    }

    @Test func `an account without rest-api is unauthorized`() async throws {
        let fixture = try RouterFixture()
        let client = try fixture.joined()
        fixture.router.setAccount(
            RouterAccount(name: "portico", password: "router-password", policies: [.read, .write, .api]))
        #expect(await failure { try await fixture.gateway.authorize(client, for: 3_600) } == .unauthorized)
    }

    @Test(arguments: RouterKind.all) func `a missing profile is a misconfiguration`(_ kind: RouterKind) async throws {
        let fixture = try RouterFixture(kind)
        let client = try fixture.joined()
        fixture.router.removeProfile("portico")
        let error = await failure { try await fixture.gateway.authorize(client, for: 3_600) }
        #expect(error?.reason == "router_misconfigured")
        #expect(await fixture.gateway.health().problem?.reason == "router_misconfigured")
    }

    @Test(arguments: RouterKind.all) func `an exhausted licence is reported as full`(_ kind: RouterKind) async throws {
        let fixture = try RouterFixture(kind)
        fixture.router.setLicence(1)
        try await fixture.gateway.authorize(try fixture.joined(1), for: 3_600)
        let second = try fixture.joined(2)
        let error = await failure { try await fixture.gateway.authorize(second, for: 3_600) }
        #expect(error == .full("failure: session limit reached (1)"))
    }

    @Test(
        arguments: RouterKind.all,
        [
            ("failure: unknown host IP 10.5.50.1", "device_not_seen"),
            ("failure: wrong MAC provided", "device_mismatch"),
            ("failure: no more sessions are allowed for user X", "router_full"),
            ("failure: cannot assign ip address - no more free addresses from pool", "router_full"),
            ("failure: already authorizing, retry later", "router_busy"),
            ("failure: hotspot service is shutting down", "router_busy"), ("Session closed", "router_busy"),
            ("failure: something new", "router_refused"), ("no such command prefix", "router_misconfigured"),
        ])
    func `errors of the login command are mapped`(
        _ kind: RouterKind, _ refusal: (detail: String, reason: String)
    ) async throws {
        let fixture = try RouterFixture(kind)
        let client = try fixture.joined()
        fixture.router.plan(.refuse(status: 400, detail: refusal.detail), on: "POST ip/hotspot/active/login")
        let error = await failure { try await fixture.gateway.authorize(client, for: 3_600) }
        #expect(error?.reason == refusal.reason)
    }

    @Test(arguments: RouterKind.all) func `a device other than RouterOS is recognised`(_ kind: RouterKind)
        async throws
    {
        let fixture = try RouterFixture(kind)
        let client = try fixture.joined()
        fixture.router.plan(.garbage)
        let error = await failure { try await fixture.gateway.authorize(client, for: 3_600) }
        #expect(error?.reason == "router_misconfigured")
    }

    @Test(arguments: RouterKind.all) func `a router that is off is unreachable, and works again when it is on`(
        _ kind: RouterKind
    ) async throws {
        // A separate address, so that no other test uses the ports meanwhile.
        let number = try #require(RouterKind.all.firstIndex(of: kind))
        let fixture = try RouterFixture(kind, at: "127.0.86.\(number + 1)")
        let client = try fixture.joined()
        await fixture.router.stop()
        let error = await failure { try await fixture.gateway.authorize(client, for: 3_600) }
        #expect(error?.reason == "router_unreachable")
        try fixture.router.start()
        try await fixture.gateway.authorize(client, for: 3_600)
        #expect(fixture.router.isOnline(client.mac))
    }

    @Test(arguments: RouterKind.all) func `no text contains the password`(_ kind: RouterKind) async throws {
        let fixture = try RouterFixture(kind, password: "wrong-hidden")
        let client = try fixture.joined()
        let error = await failure { try await fixture.gateway.authorize(client, for: 3_600) }
        #expect(!String(reflecting: error).contains("hidden"))
        #expect(!String(reflecting: fixture.gateway).contains("hidden"))
    }

    @Test func `a driver without the required settings is not created`() throws {
        let factory = GatewayFactory(http: HTTPClient(), policy: RouterPolicy(allowsLocalRouters: true))
        #expect(throws: GatewayError.self) {
            try factory.makeGateway(for: RouterSettings(driver: .routerosREST), at: UUID())
        }
    }

    @Test(arguments: [
        RouterSettings(driver: .routerosREST, url: "https://192.0.2.1", username: "portico", password: unreadable),
        RouterSettings(driver: .routerosAPI, url: "api-ssl://192.0.2.1", username: "portico", password: unreadable),
        RouterSettings(driver: .opennds, fasKey: unreadable),
    ])
    func `a driver with an unreadable secret is not created, and the error says why`(settings: RouterSettings) throws {
        let factory = GatewayFactory(http: HTTPClient(), policy: RouterPolicy(allowsLocalRouters: true))
        let error = #expect(throws: GatewayError.self) { try factory.makeGateway(for: settings, at: UUID()) }
        #expect(error?.explanation.contains("secret.keys") == true)
    }

    private static let unreadable = Secret(unreadable: [1, 2, 3])

    @Test(arguments: RouterKind.all) func `a router that is starting is busy, and reports its health afterwards`(
        _ kind: RouterKind
    ) async throws {
        let fixture = try RouterFixture(kind)
        fixture.clock.advance(1_000)
        fixture.router.reboot(boot: 20)
        #expect(await fixture.gateway.health().problem?.reason == "router_busy")
        fixture.clock.advance(21)
        let health = await fixture.gateway.health()
        #expect(health.problem == nil)
        #expect(health.name == "lobby")
        #expect(health.uptime == 21)
        #expect(health.version == kind.release.description)
    }
}
