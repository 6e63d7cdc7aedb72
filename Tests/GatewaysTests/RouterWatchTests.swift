import Captive
import Foundation
import GatewaySimulator
import HTTPClient
import Synchronization
import Testing

@testable import Gateways

@Suite struct RouterWatchTests {
    private let sites = FakeSites()
    private let books = FakeBooks()
    private let site = UUID()

    /// The watch and the queue with one router. A round is one visit and ends when its orders are delivered.
    private final class Watched: Sendable {
        let fixture: RouterFixture
        let watch: RouterWatch
        let queue: OrderQueue
        let delivering: Task<Void, Never>

        init(fixture: RouterFixture, watch: RouterWatch, queue: OrderQueue) {
            (self.fixture, self.watch, self.queue) = (fixture, watch, queue)
            delivering = Task { await queue.run() }
        }

        deinit { delivering.cancel() }

        func round() async {
            await watch.run()
            while !queue.isIdle { try? await Task.sleep(for: .milliseconds(2)) }
        }
    }

    private func watched(_ fixture: RouterFixture) -> Watched {
        sites.set(
            RouterSettings(
                driver: .routerosREST, url: fixture.url, username: "portico", password: Secret("router-password")),
            for: site)
        let gateways = SiteGateways(
            sites: sites, factory: GatewayFactory(http: HTTPClient(), policy: RouterPolicy(allowsLocalRouters: true)))
        let queue = OrderQueue(
            gateways: gateways, sessions: books, orders: books, logger: quietLogger, now: fixture.clock.now,
            sleep: { _ in try await Task.sleep(for: .milliseconds(2)) })
        let watch = RouterWatch(
            sites: sites, gateways: gateways, sessions: books, orders: queue, logger: quietLogger,
            now: fixture.clock.now, sleep: { _ in throw CancellationError() })
        return Watched(fixture: fixture, watch: watch, queue: queue)
    }

    private func active(
        _ client: GatewayClient, _ fixture: RouterFixture, at site: UUID? = nil, ttl: Int = 3_600
    ) -> GuestSession {
        var session = GuestSession.make(
            client, at: site ?? self.site, now: fixture.clock.now(), ttl: ttl, status: .active)
        session.authorizedAt = fixture.clock.now()
        books.keep(session)
        return session
    }

    @Test func `a router that restarted gets its sessions back with the time they have left`() async throws {
        let fixture = try RouterFixture()
        let clients = try (1...3).map { try fixture.joined($0) }
        for client in clients { _ = active(client, fixture) }
        let watched = watched(fixture)
        for client in clients { try await fixture.gateway.authorize(client, for: 3_600) }
        fixture.clock.advance(600)
        await watched.round()
        fixture.router.reboot()
        for client in clients { fixture.router.connect(client.mac, client.ip) }
        fixture.clock.advance(1)
        await watched.round()
        #expect(Set(try await fixture.gateway.online()) == Set(clients))
        #expect(fixture.router.rows("ip/hotspot/active").allSatisfy { $0["session-time-left"] == "49m59s" })
    }

    @Test func `a session that was lost just after its confirmation is restored at the next visit`() async throws {
        let fixture = try RouterFixture()
        let client = try fixture.joined(1)
        let watched = watched(fixture)
        fixture.clock.advance(600)
        await watched.round()
        _ = active(client, fixture)
        fixture.clock.advance(2)
        fixture.router.reboot()
        fixture.router.connect(client.mac, client.ip)
        fixture.clock.advance(1)
        await watched.round()
        #expect(try await fixture.gateway.online().isEmpty)
        fixture.clock.advance(10)
        await watched.round()
        #expect(try await fixture.gateway.online() == [client])
    }

    @Test func `a device that returns minutes after the restart is authorized`() async throws {
        let fixture = try RouterFixture()
        let client = try fixture.device(1)
        _ = active(client, fixture)
        let watched = watched(fixture)
        fixture.clock.advance(60)
        await watched.round()
        #expect(try await fixture.gateway.online().isEmpty)
        fixture.router.connect(client.mac, client.ip)
        fixture.clock.advance(10)
        await watched.round()
        #expect(try await fixture.gateway.online() == [client])
    }

    @Test func `a session that the router has is left alone`() async throws {
        let fixture = try RouterFixture()
        let client = try fixture.joined()
        _ = active(client, fixture)
        try await fixture.gateway.authorize(client, for: 3_600)
        fixture.clock.advance(600)
        await watched(fixture).round()
        #expect(fixture.router.counts["POST ip/hotspot/active/login"] == 1)
    }

    @Test func `an ended session is not restored`() async throws {
        let fixture = try RouterFixture()
        let session = active(try fixture.joined(), fixture)
        fixture.clock.advance(600)
        _ = try await books.end(session.id, as: .disconnected, reason: nil, now: fixture.clock.now())
        await watched(fixture).round()
        #expect(try await fixture.gateway.online().isEmpty)
    }

    @Test func `an unknown device with the portal's tag is removed; entries of others and a connecting guest are kept`()
        async throws
    {
        let fixture = try RouterFixture()
        let clients = try (1...3).map { try fixture.joined($0) }
        _ = active(clients[0], fixture)
        books.keep(GuestSession.make(clients[1], at: site, now: fixture.clock.now()))
        for client in clients { try await fixture.gateway.authorize(client, for: 3_600) }
        let other = try fixture.joined(4)
        try fixture.addUser(["name": "staff", "password": "x"])
        try await fixture.send(
            "POST", "ip/hotspot/active/login",
            ["user": "staff", "password": "x", "mac-address": "\(other.mac)", "ip": "\(other.ip)"])
        await watched(fixture).round()
        #expect(Set(try await fixture.gateway.online()) == Set(clients.dropLast()))
        #expect(fixture.router.rows("ip/hotspot/user").count == 3)
        #expect(fixture.router.rows("ip/hotspot/active").contains { $0["user"] == "staff" })
    }

    @Test func `the remains of a session whose end did not reach the router are removed`() async throws {
        let fixture = try RouterFixture()
        try await fixture.gateway.authorize(try fixture.joined(), for: 60)
        fixture.clock.advance(61)
        await watched(fixture).round()
        #expect(fixture.router.rows("ip/hotspot/user").isEmpty)
    }

    @Test func `a session that began after the comparison is not undone by it`() async throws {
        let fixture = try RouterFixture()
        let client = try fixture.joined()
        try await fixture.gateway.authorize(client, for: 60)
        let watched = watched(fixture)
        await watched.watch.run()
        let session = GuestSession.make(client, at: site, now: fixture.clock.now())
        books.keep(session)
        watched.queue.submit(.make(.authorize, of: session, now: fixture.clock.now()))
        await watched.round()
        #expect(try await fixture.gateway.online() == [client])
        #expect(books.statuses == [.active])
    }

    @Test func `the sites behind one router are compared together`() async throws {
        let fixture = try RouterFixture()
        let (here, there) = (try fixture.joined(1), try fixture.joined(2))
        let neighbour = UUID()
        _ = active(here, fixture)
        _ = active(there, fixture, at: neighbour)
        for client in [here, there] { try await fixture.gateway.authorize(client, for: 3_600) }
        let watched = watched(fixture)
        sites.set(
            RouterSettings(
                driver: .routerosREST, url: fixture.url, username: "portico", password: Secret("router-password")),
            for: neighbour)
        await watched.round()
        #expect(Set(try await fixture.gateway.online()) == [here, there])
    }

    @Test func `between comparisons only the router's health is read`() async throws {
        let fixture = try RouterFixture()
        let watched = watched(fixture)
        for _ in 0..<5 {
            await watched.round()
            fixture.clock.advance(10)
        }
        #expect(fixture.router.counts["GET ip/hotspot/active"] == 1)
        fixture.clock.advance(300)
        await watched.round()
        #expect(fixture.router.counts["GET ip/hotspot/active"] == 2)
    }

    @Test func `a router is compared when it is reachable again`() async throws {
        let fixture = try RouterFixture()
        let watched = watched(fixture)
        await watched.round()
        fixture.router.plan(.refuse(status: 503, detail: "busy"), on: "GET system/resource")
        await watched.round()
        await watched.round()
        #expect(fixture.router.counts["GET ip/hotspot/active"] == 2)
    }

    @Test func `two sites with different names for one router do not disconnect each other's guests`() async throws {
        let fixture = try RouterFixture()
        let (here, there) = (try fixture.joined(1), try fixture.joined(2))
        let neighbour = UUID()
        _ = active(here, fixture)
        _ = active(there, fixture, at: neighbour)
        for client in [here, there] { try await fixture.gateway.authorize(client, for: 3_600) }
        let watched = watched(fixture)
        sites.set(
            RouterSettings(
                driver: .routerosREST, url: fixture.url + "/", username: "portico", password: Secret("router-password")),
            for: neighbour)
        await watched.round()
        #expect(Set(try await fixture.gateway.online()) == [here, there])
    }

    @Test func `a site with a wrong password does not block other sites of its router`()
        async throws
    {
        let fixture = try RouterFixture()
        let client = try fixture.joined()
        _ = active(client, fixture)
        let watched = watched(fixture)
        fixture.clock.advance(60)
        for _ in 0..<4 {
            sites.set(
                RouterSettings(
                    driver: .routerosREST, url: fixture.url, username: "portico", password: Secret("wrong")),
                for: UUID())
        }
        await watched.round()
        #expect(try await fixture.gateway.online() == [client])
    }

    @Test(arguments: RouterKind.all)
    func `a router with invalid counters does not block other routers`(_ kind: RouterKind)
        async throws
    {
        let (fixture, hostile) = (try RouterFixture(), try RouterFixture(kind))
        let client = try fixture.joined()
        _ = active(client, fixture)
        let watched = watched(fixture)
        try await hostile.gateway.authorize(try hostile.joined(2), for: 3_600)
        hostile.router.set(
            "ip/hotspot/active",
            ["bytes-in": "9223372036854775807", "bytes-out": "1", "limit-bytes-total": "-9223372036854775808"])
        for _ in 0..<4 { sites.set(hostile.settings, for: UUID()) }
        fixture.clock.advance(60)
        await watched.round()
        #expect(try await fixture.gateway.online() == [client])
        #expect(hostile.router.counts.keys.contains { $0.contains("ip/hotspot/active") })
    }

    @Test func `each site of a gateway with separate lists is compared with its own list`() async throws {
        let neighbour = UUID()
        for site in [site, neighbour] { sites.set(RouterSettings(driver: .nftables), for: site) }
        let directory = HangingGateways(sites: [], freedBy: site)
        let queue = OrderQueue(gateways: directory, sessions: books, orders: books, logger: quietLogger)
        let watch = RouterWatch(
            sites: sites, gateways: directory, sessions: books, orders: queue, logger: quietLogger,
            sleep: { _ in throw CancellationError() })
        await watch.run()
        #expect(directory.visits == [site: 1, neighbour: 1])
    }

    @Test(.timeLimit(.minutes(1)))
    func `routers without a response do not delay visits to others`() async throws {
        let hanging = (1...20).map { _ in UUID() }
        for (number, site) in ([site] + hanging).enumerated() {
            sites.set(RouterSettings(driver: .routerosREST, url: "http://router-\(number)"), for: site)
        }
        let directory = HangingGateways(sites: Set(hanging), freedBy: site)
        let queue = OrderQueue(gateways: directory, sessions: books, orders: books, logger: quietLogger)
        let watch = RouterWatch(
            sites: sites, gateways: directory, sessions: books, orders: queue, logger: quietLogger,
            sleep: { _ in
                if directory.isFree { throw CancellationError() }
                await Task.yield()
            })
        await watch.run()
        #expect(directory.isFree)
    }
}
