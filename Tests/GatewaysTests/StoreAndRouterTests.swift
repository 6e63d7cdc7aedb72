import Captive
import Foundation
import GatewaySimulator
import Gateways
import HTTPClient
import Testing

/// The queue, the driver and a router that fails: when the order is done, books and router say the same.
@Suite struct BooksAndRouterTests {
    private static let steps = [
        "POST ip/hotspot/host/print", "POST ip/hotspot/active/print", "PUT ip/hotspot/user",
        "POST ip/hotspot/active/login",
    ]
    private static let faults: [RouterFault] = [
        .hang, .loseAnswer, .garbage, .refuse(status: 503, detail: "busy"),
        .refuse(status: 400, detail: "failure: already authorizing, retry later"),
        .refuse(status: 400, detail: "Session closed"),
        .refuse(status: 500, detail: "not enough permissions (9)"),
    ]

    private let books = FakeBooks()
    private let site = UUID()

    private func queue(_ fixture: RouterFixture) -> OrderQueue {
        let sites = FakeSites()
        sites.set(
            RouterSettings(
                driver: .routerosREST, url: fixture.url, username: "portico", password: Secret("router-password")),
            for: site)
        let factory = GatewayFactory(
            http: HTTPClient(), policy: RouterPolicy(allowsLocalRouters: true), callTimeout: .milliseconds(800))
        return OrderQueue(
            gateways: SiteGateways(sites: sites, factory: factory), sessions: books, orders: books,
            logger: quietLogger, now: fixture.clock.now, sleep: fixture.clock.sleep)
    }

    /// The first `count` changes; one for each order, if it is not told.
    private func deliver(
        _ orders: [GatewayOrder], _ fixture: RouterFixture, count: Int? = nil
    ) async -> [FakeBooks.Change] {
        let queue = queue(fixture)
        let run = Task { await queue.run() }
        for order in orders { queue.submit(order) }
        let changes = await books.next(count ?? orders.count)
        run.cancel()
        await run.value
        return changes
    }

    @Test(arguments: steps, faults)
    func `a guest is online once the books say so`(_ step: String, _ fault: RouterFault) async throws {
        let fixture = try RouterFixture()
        let client = try fixture.joined()
        let session = GuestSession.make(client, at: site, now: fixture.clock.now())
        books.keep(session)
        fixture.router.plan(fault, on: step, times: 2)
        let order = GatewayOrder.make(.authorize, of: session, now: fixture.clock.now())
        #expect(await deliver([order], fixture) == [.confirmed(order.id)])
        #expect(try await fixture.gateway.online() == [client])
        #expect(fixture.router.rows("ip/hotspot/user").count == 1)
        #expect(books.statuses == [.active])
    }

    @Test func `a refused guest leaves nothing on the router`() async throws {
        let fixture = try RouterFixture()
        let session = GuestSession.make(try fixture.joined(), at: site, now: fixture.clock.now())
        books.keep(session)
        fixture.router.plan(.refuse(status: 400, detail: "failure: no"), on: "POST ip/hotspot/active/login")
        let order = GatewayOrder.make(.authorize, of: session, now: fixture.clock.now())
        let changes = await deliver([order], fixture, count: 2)
        #expect(changes.first == .failed(order.id, "router_refused"))
        #expect(fixture.router.rows("ip/hotspot/user").isEmpty)
        #expect(books.statuses == [.failed])
    }

    @Test func `a forger does not disturb the device whose address it shows`() async throws {
        let fixture = try RouterFixture()
        let owner = try fixture.joined(1)
        try await fixture.gateway.authorize(owner, for: 3_600)
        let forger = GatewayClient(mac: owner.mac, ip: try fixture.joined(2).ip)
        let session = GuestSession.make(forger, at: site, now: fixture.clock.now())
        books.keep(session)
        let order = GatewayOrder.make(.authorize, of: session, now: fixture.clock.now())
        #expect(await deliver([order], fixture) == [.failed(order.id, "device_mismatch")])
        #expect(try await fixture.gateway.online() == [owner])
    }
}
