import Captive
import Foundation
import GatewaySimulator
import HTTPClient
import Synchronization
import Storage
import Testing

@testable import Gateways

@Suite struct RouterWatchTests {
    /// A watch and a reconciler for one router. A round is one visit and everything that follows from it.
    private final class WatchedRouter: Sendable {
        let fixture: RouterFixture
        let database: StoreFixture
        let watch: RouterWatch
        let reconciler: Reconciler
        private let run: Task<Void, Never>

        init() async throws {
            fixture = try RouterFixture()
            database = try await StoreFixture(clock: fixture.clock)
            try await database.setRouter(fixture.settings, for: database.siteID)
            let factory = GatewayFactory(http: HTTPClient(), policy: RouterPolicy(allowsLocalRouters: true))
            let gateways = SiteGateways(sites: database.store, factory: factory)
            let reconciler = Reconciler(
                gateways: gateways, store: database.store, logger: quietLogger, now: fixture.clock.now,
                sleep: { _ in try await Task.sleep(for: .milliseconds(2)) })
            self.reconciler = reconciler
            watch = RouterWatch(
                sites: database.store, gateways: gateways, sessions: database.store, reconciler: reconciler,
                logger: quietLogger, now: fixture.clock.now, sleep: { _ in throw CancellationError() })
            database.connect(reconciler)
            run = Task { await reconciler.run() }
        }

        deinit { run.cancel() }

        var clock: TestClock { fixture.clock }
        var router: SimulatedRouter { fixture.router }

        func online() async throws -> [GatewayClient] { try await fixture.gateway.online() }

        func round() async {
            await watch.run()
            while !reconciler.isIdle { try? await Task.sleep(for: .milliseconds(2)) }
        }
    }

    @Test func `a router that restarted gets its sessions back with the time they have left`() async throws {
        let watched = try await WatchedRouter()
        let clients = try (1...3).map { try watched.fixture.joined($0) }
        for client in clients {
            _ = try await watched.database.activeSession(client)
            try await watched.fixture.gateway.authorize(client, for: 3_600)
        }
        watched.clock.advance(600)
        await watched.round()
        watched.router.reboot()
        for client in clients { watched.router.connect(client.mac, client.ip) }
        watched.clock.advance(1)
        await watched.round()
        #expect(Set(try await watched.online()) == Set(clients))
        #expect(watched.router.rows("ip/hotspot/active").allSatisfy { $0["session-time-left"] == "49m59s" })
    }

    @Test func `a session that was lost just after its confirmation is restored at the next visit`() async throws {
        let watched = try await WatchedRouter()
        let client = try watched.fixture.joined(1)
        watched.clock.advance(600)
        await watched.round()
        _ = try await watched.database.activeSession(client)
        watched.clock.advance(2)
        watched.router.reboot()
        watched.router.connect(client.mac, client.ip)
        watched.clock.advance(1)
        await watched.round()
        #expect(try await watched.online().isEmpty)
        watched.clock.advance(10)
        await watched.round()
        #expect(try await watched.online() == [client])
    }

    @Test func `a device that returns minutes after the restart is authorized`() async throws {
        let watched = try await WatchedRouter()
        let client = try watched.fixture.device(1)
        _ = try await watched.database.activeSession(client)
        watched.clock.advance(60)
        await watched.round()
        #expect(try await watched.online().isEmpty)
        watched.router.connect(client.mac, client.ip)
        watched.clock.advance(10)
        await watched.round()
        #expect(try await watched.online() == [client])
    }

    @Test func `a session that the router has is left alone`() async throws {
        let watched = try await WatchedRouter()
        let client = try watched.fixture.joined()
        _ = try await watched.database.activeSession(client)
        try await watched.fixture.gateway.authorize(client, for: 3_600)
        watched.clock.advance(600)
        await watched.round()
        #expect(watched.router.counts["POST ip/hotspot/active/login"] == 1)
    }

    @Test func `an ended session is not restored`() async throws {
        let watched = try await WatchedRouter()
        let (_, session) = try await watched.database.activeSession(try watched.fixture.joined())
        watched.clock.advance(600)
        let ended = try await watched.database.store.end(session.id, reason: .signedOut, now: watched.clock.now())
        #expect(ended?.id == session.id)
        await watched.round()
        #expect(try await watched.online().isEmpty)
    }

    @Test func `an unknown device with the portal's tag is removed; entries of others and a connecting guest are kept`()
        async throws
    {
        let watched = try await WatchedRouter()
        let (fixture, database) = (watched.fixture, watched.database)
        let clients = try (1...3).map { try fixture.joined($0) }
        _ = try await database.activeSession(clients[0])
        try await database.redeem(clients[1], on: database.otherNode)
        for client in clients { try await fixture.gateway.authorize(client, for: 3_600) }
        let other = try fixture.joined(4)
        try fixture.addUser(["name": "staff", "password": "x"])
        try await fixture.send(
            "POST", "ip/hotspot/active/login",
            ["user": "staff", "password": "x", "mac-address": "\(other.mac)", "ip": "\(other.ip)"])
        await watched.round()
        #expect(Set(try await watched.online()) == Set(clients.dropLast()))
        #expect(watched.router.rows("ip/hotspot/user").count == 3)
        #expect(watched.router.rows("ip/hotspot/active").contains { $0["user"] == "staff" })
    }

    @Test func `the remains of a session whose end did not reach the router are removed`() async throws {
        let watched = try await WatchedRouter()
        try await watched.fixture.gateway.authorize(try watched.fixture.joined(), for: 60)
        watched.clock.advance(61)
        await watched.round()
        #expect(watched.router.rows("ip/hotspot/user").isEmpty)
    }

    @Test func `a session that began after the comparison is not undone by it`() async throws {
        let watched = try await WatchedRouter()
        let client = try watched.fixture.joined()
        try await watched.fixture.gateway.authorize(client, for: 60)
        await watched.watch.run()
        let (_, session) = try await watched.database.redeem(client)
        await watched.round()
        #expect(try await watched.online() == [client])
        #expect(try await watched.database.session(session.id).status == .active)
    }

    @Test(arguments: ["", "/"])
    func `two sites with one router, by the same or another name, do not disconnect each other's guests`(
        suffix: String
    ) async throws {
        let watched = try await WatchedRouter()
        let (here, there) = (try watched.fixture.joined(1), try watched.fixture.joined(2))
        let other = UUID()
        _ = try await watched.database.activeSession(here)
        _ = try await watched.database.activeSession(there, at: other)
        for client in [here, there] { try await watched.fixture.gateway.authorize(client, for: 3_600) }
        var settings = watched.fixture.settings
        settings.url = watched.fixture.url + suffix
        try await watched.database.setRouter(settings, for: other)
        await watched.round()
        #expect(Set(try await watched.online()) == [here, there])
    }

    @Test func `between comparisons only the router's health is read`() async throws {
        let watched = try await WatchedRouter()
        for _ in 0..<5 {
            await watched.round()
            watched.clock.advance(10)
        }
        #expect(watched.router.counts["GET ip/hotspot/active"] == 1)
        watched.clock.advance(300)
        await watched.round()
        #expect(watched.router.counts["GET ip/hotspot/active"] == 2)
    }

    @Test func `a router is compared when it is reachable again`() async throws {
        let watched = try await WatchedRouter()
        await watched.round()
        watched.router.plan(.refuse(status: 503, detail: "busy"), on: "GET system/resource")
        await watched.round()
        await watched.round()
        #expect(watched.router.counts["GET ip/hotspot/active"] == 2)
    }

    @Test func `a site with a wrong password does not block other sites of its router`()
        async throws
    {
        let watched = try await WatchedRouter()
        let client = try watched.fixture.joined()
        _ = try await watched.database.activeSession(client)
        watched.clock.advance(60)
        var settings = watched.fixture.settings
        settings.password = Secret("wrong")
        for _ in 0..<4 { try await watched.database.setRouter(settings, for: UUID()) }
        await watched.round()
        #expect(try await watched.online() == [client])
    }

    @Test(arguments: RouterKind.all)
    func `a router with invalid counters does not block other routers`(_ kind: RouterKind) async throws {
        let (watched, hostile) = (try await WatchedRouter(), try RouterFixture(kind))
        let client = try watched.fixture.joined()
        _ = try await watched.database.activeSession(client)
        try await hostile.gateway.authorize(try hostile.joined(2), for: 3_600)
        hostile.router.set(
            "ip/hotspot/active",
            ["bytes-in": "9223372036854775807", "bytes-out": "1", "limit-bytes-total": "-9223372036854775808"])
        for _ in 0..<4 { try await watched.database.setRouter(hostile.settings, for: UUID()) }
        watched.clock.advance(60)
        await watched.round()
        #expect(try await watched.online() == [client])
        #expect(hostile.router.counts.keys.contains { $0.contains("ip/hotspot/active") })
    }

    /// A watch with its own gateways and database.
    private func watch(
        _ gateways: HangingGateways, _ database: StoreFixture, sleep: @escaping Reconciler.Sleep
    ) -> RouterWatch {
        RouterWatch(
            sites: database.store, gateways: gateways, sessions: database.store,
            reconciler: Reconciler(gateways: gateways, store: database.store, logger: quietLogger),
            logger: quietLogger, sleep: sleep)
    }

    @Test func `each site of a gateway with separate lists is compared with its own list`() async throws {
        let database = try await StoreFixture(clock: TestClock())
        let sites = [UUID(), UUID()]
        for site in sites { try await database.setRouter(RouterSettings(driver: .nftables), for: site) }
        let gateways = HangingGateways(sites: [], freedBy: sites[0])
        await watch(gateways, database) { _ in throw CancellationError() }.run()
        #expect(gateways.visits == [sites[0]: 1, sites[1]: 1])
    }

    @Test(.timeLimit(.minutes(1)))
    func `routers without a response do not delay visits to others`() async throws {
        let database = try await StoreFixture(clock: TestClock())
        let (site, hanging) = (UUID(), (1...20).map { _ in UUID() })
        for (number, site) in ([site] + hanging).enumerated() {
            let settings = RouterSettings(driver: .routerosREST, url: "http://router-\(number)")
            try await database.setRouter(settings, for: site)
        }
        let gateways = HangingGateways(sites: Set(hanging), freedBy: site)
        await watch(gateways, database) { _ in
            if gateways.isFree { throw CancellationError() }
            await Task.yield()
        }.run()
        #expect(gateways.isFree)
    }
}
