import Captive
import Foundation
import GatewaySimulator
import Gateways
import HTTPClient
import Testing

@Suite struct RouterWatchTests {
    private let sites = FakeSites()
    private let books = FakeBooks()
    private let site = UUID()

    /// One round of the watch.
    private func visit(_ fixture: RouterFixture) async {
        sites.set(
            RouterSettings(
                driver: .routerosREST, url: fixture.url, username: "portico", password: Secret("router-password")),
            for: site)
        let gateways = SiteGateways(sites: sites, factory: GatewayFactory(http: HTTPClient()))
        let watch = RouterWatch(
            sites: sites, gateways: gateways, sessions: books, logger: quietLogger, now: fixture.clock.now,
            sleep: { _ in throw CancellationError() })
        await watch.run()
    }

    private func active(_ client: GatewayClient, _ fixture: RouterFixture, ttl: Int = 3_600) -> GuestSession {
        var session = GuestSession.make(client, at: site, now: fixture.clock.now(), ttl: ttl, status: .active)
        session.authorizedAt = fixture.clock.now()
        books.keep(session)
        return session
    }

    @Test func `a router that restarted gets its sessions back with the time they have left`() async throws {
        let fixture = try RouterFixture()
        let clients = try (1...3).map { try fixture.joined($0) }
        for client in clients { _ = active(client, fixture) }
        fixture.clock.advance(600)
        fixture.router.reboot()
        for client in clients.dropLast() { fixture.router.connect(client.mac, client.ip) }
        await visit(fixture)
        #expect(Set(try await fixture.gateway.online()) == Set(clients.dropLast()))
        #expect(fixture.router.rows("ip/hotspot/active").allSatisfy { $0["session-time-left"] == "50m" })
    }

    @Test func `a session that the router holds is left alone`() async throws {
        let fixture = try RouterFixture()
        let client = try fixture.joined()
        _ = active(client, fixture)
        try await fixture.gateway.authorize(client, for: 3_600)
        fixture.clock.advance(600)
        await visit(fixture)
        #expect(fixture.router.counts["POST ip/hotspot/active/login"] == 1)
    }

    @Test func `a session that has ended is not brought back`() async throws {
        let fixture = try RouterFixture()
        let session = active(try fixture.joined(), fixture)
        fixture.clock.advance(600)
        _ = try await books.end(session.id, as: .disconnected, reason: nil, now: fixture.clock.now())
        await visit(fixture)
        #expect(try await fixture.gateway.online().isEmpty)
    }

    @Test func `a session about to end is not worth a login`() async throws {
        let fixture = try RouterFixture()
        _ = active(try fixture.joined(), fixture, ttl: 1_200)
        fixture.clock.advance(1_195)
        await visit(fixture)
        #expect(try await fixture.gateway.online().isEmpty)
    }
}
