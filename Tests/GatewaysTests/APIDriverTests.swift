import Captive
import Foundation
import GatewaySimulator
import Gateways
import HTTPClient
import HTTPServer
import Testing

/// Properties of the API only: logins, TLS and persistent connections.
@Suite struct APIDriverTests {
    private static let files = Result { try TestCertificate() }

    private func gateway(
        _ fixture: RouterFixture, _ url: String, trust: RouterSettings.Trust = .system
    ) throws -> any Gateway {
        let settings = RouterSettings(
            driver: .routerosAPI, url: url, username: "portico", password: Secret("router-password"), trust: trust)
        return try GatewayFactory(
            http: HTTPClient(), policy: RouterPolicy(allowsLocalRouters: true), callTimeout: .seconds(4)
        ).makeGateway(
            for: settings, at: UUID())
    }

    /// A router with an API port and one device.
    private func router(_ security: APIPort.Security) throws -> (RouterFixture, GatewayClient, String) {
        let fixture = try RouterFixture(.api, security: security)
        return (fixture, try fixture.joined(), "api-ssl://\(fixture.router.apiAddresses[0])")
    }

    @Test(arguments: [RouterKind.apiChallenge, .apiSix, .api, .apiEmpty])
    func `every release authorizes and deauthorizes guests`(_ kind: RouterKind) async throws {
        let fixture = try RouterFixture(kind)
        let client = try fixture.joined()
        try await fixture.gateway.authorize(client, for: 3_600)
        #expect(try await fixture.gateway.online() == [client])
        #expect(await fixture.gateway.health().version == kind.release.description)
        try await fixture.gateway.revoke(client)
        #expect(try await fixture.gateway.list().isEmpty)
    }

    @Test(arguments: [RouterKind.apiChallenge, .apiSix, .api])
    func `a wrong password is recognised in every release`(_ kind: RouterKind) async throws {
        let fixture = try RouterFixture(kind, password: "wrong")
        for _ in 0..<20 { #expect(await fixture.gateway.health().problem == .unauthorized) }
    }

    @Test func `an account does not need the policy rest-api`() async throws {
        let fixture = try RouterFixture(.api)
        fixture.router.setAccount(
            RouterAccount(name: "portico", password: "router-password", policies: [.read, .write, .api]))
        try await fixture.gateway.authorize(try fixture.joined(), for: 3_600)
    }

    @Test func `a certificate is trusted by its pin or its authority`() async throws {
        let certificate = try Self.files.get()
        let (fixture, client, url) = try router(
            .tls(.init(certificateFile: certificate.file, keyFile: certificate.keyFile)))
        for trust in [RouterSettings.Trust.pinned(sha256: certificate.sha256), .authority(pem: certificate.pem)] {
            let gateway = try gateway(fixture, url, trust: trust)
            try await gateway.authorize(client, for: 3_600)
            #expect(try await gateway.online() == [client])
        }
    }

    @Test func `another certificate is refused, and nothing is sent`() async throws {
        let certificate = try Self.files.get()
        let (fixture, _, url) = try router(
            .tls(.init(certificateFile: certificate.file, keyFile: certificate.keyFile)))
        for trust in [RouterSettings.Trust.system, .pinned(sha256: Array(repeating: 7, count: 32))] {
            let problem = await (try gateway(fixture, url, trust: trust)).health().problem
            #expect(problem?.reason == "router_unreachable")
            #expect(problem?.explanation.contains("certificate") == true)
        }
        #expect(fixture.router.counts.isEmpty)
    }

    @Test func `a service without a certificate is refused with a remedy`() async throws {
        let (fixture, _, url) = try router(.anonymous)
        for trust in [RouterSettings.Trust.system, .pinned(sha256: Array(repeating: 7, count: 32))] {
            let problem = await (try gateway(fixture, url, trust: trust)).health().problem
            #expect(problem?.explanation.contains("api-ssl has a certificate") == true)
        }
    }

    @Test func `TLS to a plain port fails`() async throws {
        let (fixture, _, url) = try router(.plain)
        #expect(await (try gateway(fixture, url)).health().problem?.reason == "router_unreachable")
    }

    @Test func `two persistent connections serve many guests`() async throws {
        let fixture = try RouterFixture(.api)
        let clients = try (1...40).map { try fixture.joined($0) }
        for batch in [clients.prefix(20), clients.dropFirst(20)] {
            await withThrowingTaskGroup(of: Void.self) { group in
                for client in batch { group.addTask { try await fixture.gateway.authorize(client, for: 3_600) } }
            }
        }
        #expect(Set(try await fixture.gateway.online()) == Set(clients))
        #expect((1...2).contains(fixture.router.apiConnections))
    }

    @Test func `a broken idle connection is replaced`() async throws {
        let fixture = try RouterFixture(.api)
        let client = try fixture.joined()
        for _ in 0..<5 {
            try await fixture.gateway.authorize(client, for: 3_600)
            await fixture.router.stop()
            try fixture.router.start()
        }
        #expect(fixture.router.isOnline(client.mac))
    }

    @Test func `a command without a response does not delay another`() async throws {
        let fixture = try RouterFixture(.api, timeout: .seconds(2))
        let client = try fixture.joined()
        fixture.router.plan(.hang, on: "POST system/resource/print")
        async let health = fixture.gateway.health()
        try await fixture.gateway.authorize(client, for: 3_600)
        #expect(await health.problem == .unreachable("no response in time"))
        #expect(await fixture.gateway.health().problem == nil)
    }

    @Test func `a cancelled call ends at once`() async throws {
        let fixture = try RouterFixture(.api, timeout: .seconds(3_600))
        fixture.router.plan(.hang, on: "POST system/resource/print")
        let call = Task { await fixture.gateway.health() }
        while fixture.router.plannedFaults > 0 { await Task.yield() }
        call.cancel()
        #expect(await call.value.problem?.reason == "router_unreachable")
    }

    @Test func `a call in a cancelled task is not made`() async throws {
        let fixture = try RouterFixture(.api)
        #expect(await fixture.gateway.health().problem == nil)
        // On an open connection, the response may arrive before the check for cancellation.
        for _ in 1...200 {
            let call = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return await fixture.gateway.health()
            }
            #expect(await call.value.problem?.reason == "router_unreachable")
        }
        #expect(fixture.router.apiConnections == 1, "none was begun, and none given up")
    }

    @Test func `guests are authorized while connections keep breaking`() async throws {
        let fixture = try RouterFixture(.api)
        let clients = try (1...60).map { try fixture.joined($0) }
        for step in 0..<40 { fixture.router.plan(.drop(step % 2 == 0 ? .beforeTheWork : .duringTheAnswer), after: 4) }
        await withTaskGroup(of: Void.self) { group in
            for client in clients {
                group.addTask {
                    while (try? await fixture.gateway.authorize(client, for: 3_600)) == nil { await Task.yield() }
                }
            }
        }
        #expect(Set(try await fixture.gateway.online()) == Set(clients))
        #expect(fixture.router.plannedFaults == 0)
        #expect(fixture.router.rows("ip/hotspot/user").count == 60)
    }
}
