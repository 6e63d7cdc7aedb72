import Captive
import Foundation
import GatewaySimulator
import HTTPClient
import NetworkAddress
import Synchronization
import Testing

@testable import Gateways

@Suite struct WalledGardenWatchTests {
    private let sites = FakeSites()
    private let gardens = FakeGardens()
    private let site = UUID()

    private func host(_ name: String) -> WalledGardenRule.Destination { .host(name) }

    private func connect(_ fixture: RouterFixture) {
        sites.set(
            RouterSettings(
                driver: .routerosREST, url: fixture.url, username: "portico", password: Secret("router-password")),
            for: site)
    }

    /// Runs a watch for a number of steps. `event` is called before each step.
    private func watch(
        _ fixture: RouterFixture, steps: Int = 1,
        _ event: @escaping @Sendable (Int, WalledGardenWatch) async -> Void = { _, _ in }
    ) async -> WalledGardenWatch {
        let gateways = SiteGateways(
            sites: sites, factory: GatewayFactory(http: HTTPClient(), policy: RouterPolicy(allowsLocalRouters: true)),
            now: fixture.clock.now)
        let planner = WalledGardenPlanner(store: gardens, publicURL: "http://portal.example:8080") { _ in [] }
        let step = Mutex(0)
        let box = Mutex<WalledGardenWatch?>(nil)
        let watch = WalledGardenWatch(
            planner: planner, sites: sites, gateways: gateways, logger: quietLogger, now: fixture.clock.now
        ) { [clock = fixture.clock] _ in
            let number = step.withLock { step in
                step += 1
                return step
            }
            guard let watch = box.withLock({ $0 }) else { return }
            // The work of a step finishes before the clock advances.
            while watch.isBusy { await Task.yield() }
            guard number < steps else { throw CancellationError() }
            clock.advance(1)
            await event(number, watch)
        }
        box.withLock { $0 = watch }
        await watch.run()
        box.withLock { $0 = nil }
        return watch
    }

    private func held(by fixture: RouterFixture) -> Set<String> {
        Set(fixture.router.rows("ip/hotspot/walled-garden/ip").compactMap { $0["dst-host"] })
    }

    @Test func `at the start every router gets its walled garden`() async throws {
        let fixture = try RouterFixture()
        connect(fixture)
        gardens.set([host("a.example")], at: site)
        let watch = await watch(fixture)
        #expect(held(by: fixture) == ["portal.example", "a.example"])
        #expect(watch.status(of: site) == WalledGardenStatus(appliedAt: fixture.clock.now()))
    }

    @Test func `a change reaches the router within two seconds`() async throws {
        let fixture = try RouterFixture()
        connect(fixture)
        let (gardens, site) = (gardens, site)
        _ = await watch(fixture, steps: 4) { number, watch in
            guard number == 1 else { return }
            gardens.set([.host("new.example")], at: site)
            watch.enqueue(site)
        }
        #expect(held(by: fixture) == ["portal.example", "new.example"])
    }

    @Test func `a manual change on the router is corrected after the interval`() async throws {
        let fixture = try RouterFixture()
        connect(fixture)
        let router = fixture.router
        _ = await watch(fixture, steps: 4) { [clock = fixture.clock] number, _ in
            guard number == 1 else { return }
            let id = router.rows("ip/hotspot/walled-garden/ip").first?[".id"] ?? ""
            _ = try? await fixture.send("DELETE", "ip/hotspot/walled-garden/ip/\(id)")
            clock.advance(300)
        }
        #expect(held(by: fixture) == ["portal.example"])
        #expect(router.counts["PUT ip/hotspot/walled-garden/ip"] == 2)
    }

    @Test func `a router that was unreachable gets its walled garden, and the status has the problem`() async throws {
        let fixture = try RouterFixture()
        connect(fixture)
        fixture.router.setAccount(RouterAccount(name: "portico", password: "changed"))
        let (router, site) = (fixture.router, site)
        let problem = Mutex<GatewayError?>(nil)
        let watch = await watch(fixture, steps: 20) { number, watch in
            guard number == 5 else { return }
            problem.withLock { $0 = watch.status(of: site).problem }
            router.setAccount(RouterFixture.account)
        }
        #expect(problem.withLock { $0?.reason } == "router_unauthorized")
        #expect(held(by: fixture) == ["portal.example"])
        #expect(watch.status(of: site).problem == nil)
        #expect(watch.status(of: site).appliedAt != nil)
    }

    @Test func `sites of one router share its walled garden`() async throws {
        let fixture = try RouterFixture()
        connect(fixture)
        let (gardens, sites, first, second) = (gardens, sites, site, UUID())
        gardens.set([host("first.example")], at: first)
        gardens.set([host("second.example")], at: second)
        _ = await watch(fixture, steps: 8) { number, watch in
            if number == 1 {
                sites.set(try? await sites.site(first)?.router, for: second)
                watch.enqueueNewRouter(of: second)
            }
            if number == 4 {
                gardens.set([.host("third.example")], at: first)
                watch.enqueue(first)
            }
        }
        #expect(held(by: fixture) == ["portal.example", "second.example", "third.example"])
    }

    @Test func `a site without a router is left alone, and one with a driver that drives none`() async throws {
        let fixture = try RouterFixture()
        sites.set(RouterSettings(driver: .none), for: site)
        let other = UUID()
        let watch = await watch(fixture, steps: 4) { _, watch in watch.enqueue(other) }
        #expect(watch.status(of: site) == WalledGardenStatus())
        #expect(watch.status(of: other) == WalledGardenStatus())
    }
}
