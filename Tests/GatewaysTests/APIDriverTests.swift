import Captive
import Foundation
import GatewaySimulator
import Gateways
import HTTPClient
import HTTPServer
import Testing

/// What is peculiar to the API: its logins, TLS, and connections that stay.
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

    /// A router whose API has the ports given, with one device.
    private func router(_ security: APIPort.Security) throws -> (RouterFixture, GatewayClient, String) {
        let fixture = try RouterFixture(.api, security: security)
        return (fixture, try fixture.joined(), "api-ssl://\(fixture.router.apiAddresses[0])")
    }

    @Test(arguments: [RouterKind.apiChallenge, .apiSix, .api, .apiEmpty])
    func `every release lets guests in and out`(_ kind: RouterKind) async throws {
        let fixture = try RouterFixture(kind)
        let client = try fixture.joined()
        try await fixture.gateway.authorize(client, for: 3_600)
        #expect(try await fixture.gateway.online() == [client])
        #expect(await fixture.gateway.health().version == kind.release.description)
        try await fixture.gateway.revoke(client)
        #expect(try await fixture.gateway.list().isEmpty)
    }

    @Test(arguments: [RouterKind.apiChallenge, .apiSix, .api])
    func `a wrong password is told apart in every release`(_ kind: RouterKind) async throws {
        let fixture = try RouterFixture(kind, password: "wrong")
        for _ in 0..<20 { #expect(await fixture.gateway.health().problem == .unauthorized) }
    }

    @Test func `an account needs no policy of REST's`() async throws {
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

    @Test func `another certificate is refused, and the router told nothing`() async throws {
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

    @Test func `a service without a certificate is refused, and what to do is said`() async throws {
        let (fixture, _, url) = try router(.anonymous)
        for trust in [RouterSettings.Trust.system, .pinned(sha256: Array(repeating: 7, count: 32))] {
            let problem = await (try gateway(fixture, url, trust: trust)).health().problem
            #expect(problem?.explanation.contains("api-ssl has a certificate") == true)
        }
    }

    @Test func `a plain port is not taken for one with TLS`() async throws {
        let (fixture, _, url) = try router(.plain)
        #expect(await (try gateway(fixture, url)).health().problem?.reason == "router_unreachable")
    }

    @Test func `two connections serve many guests, and stay`() async throws {
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

    @Test func `a connection that broke while it was idle is made anew`() async throws {
        let fixture = try RouterFixture(.api)
        let client = try fixture.joined()
        for _ in 0..<5 {
            try await fixture.gateway.authorize(client, for: 3_600)
            await fixture.router.stop()
            try fixture.router.start()
        }
        #expect(fixture.router.isOnline(client.mac))
    }

    @Test func `a command that hangs does not hold up another`() async throws {
        let fixture = try RouterFixture(.api, timeout: .seconds(2))
        let client = try fixture.joined()
        fixture.router.plan(.hang, on: "POST system/resource/print")
        async let health = fixture.gateway.health()
        try await fixture.gateway.authorize(client, for: 3_600)
        #expect(await health.problem == .unreachable("no answer in time"))
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

    @Test func `a call of a task that was cancelled before is not made`() async throws {
        let fixture = try RouterFixture(.api)
        #expect(await fixture.gateway.health().problem == nil)
        // On a connection that is open, a router's answer was at times faster than the look at the task.
        for _ in 1...200 {
            let call = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return await fixture.gateway.health()
            }
            #expect(await call.value.problem?.reason == "router_unreachable")
        }
        #expect(fixture.router.apiConnections == 1, "none was begun, and none given up")
    }

    @Test func `guests get through while connections keep breaking`() async throws {
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
