import Captive
import Foundation
import HTTPClient
import NetworkAddress
import Storage
import Testing

@testable import Gateways

/// A portal's books on disk, the queue and the watch that work for them, and a simulated router behind a real driver.
final class RealBooks: Sendable {
    let fixture: RouterFixture
    let store: Store
    private let instance: Instance
    private let site = UUID()
    private let folder: URL
    private let gateways: SiteGateways

    static let ttl = 3_600

    /// `timeout`: of one call to the router.
    init(_ kind: RouterKind, timeout: Duration = .milliseconds(500)) async throws {
        fixture = try RouterFixture(kind, timeout: timeout)
        let now = fixture.clock.now()
        folder = FileManager.default.temporaryDirectory.appending(path: "portico-books-" + UUID().text)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let sealer = try #require(Sealer(keys: [Array(repeating: 7, count: 32)]))
        store = Store(try SQLiteDatabase(path: folder.appending(path: "portico.db").path), sealer: sealer)
        _ = try await store.migrate(now: now)
        instance = Instance(
            id: UUID(), workspace: .default, name: "Lobby", strategy: .coupon, sessionTTL: Self.ttl,
            sites: [.init(siteID: site, subnets: [try #require(Subnet("10.5.50.0/24"))])], createdAt: now)
        try await store.create(instance)
        let settings = fixture.settings
        _ = try await store.upsertSite(site, in: .default, now: now) { $0.router = settings }
        let factory = GatewayFactory(
            http: HTTPClient(), policy: RouterPolicy(allowsLocalRouters: true), callTimeout: timeout)
        gateways = SiteGateways(sites: store, factory: factory)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// The guest's device enters a new coupon's code.
    func redeem(_ client: GatewayClient) async throws -> (coupon: Coupon, order: GatewayOrder) {
        let now = fixture.clock.now()
        let coupons = try await store.createCoupons(
            1, for: instance.id, scheduleID: nil, expiresAt: now + 86_400, now: now
        ) {
            var generator = SystemRandomNumberGenerator()
            return CouponCode.random(using: &generator)
        }
        let coupon = try #require(coupons.first)
        let redemption = Redemption(
            code: coupon.code, instance: instance, siteID: site, client: client, device: nil, now: now)
        guard case .accepted(_, let order) = try await store.redeem(redemption) else { throw Refused() }
        return (coupon, order)
    }

    struct Refused: Error {}

    /// Works until the order is done. Returns what became of the session.
    func deliver(_ order: GatewayOrder) async throws -> GuestSession { try await work(order, watching: false) }

    /// Works until the order is done, and then until the router is as the books say.
    func settle(_ order: GatewayOrder) async throws -> GuestSession { try await work(order, watching: true) }

    private func work(_ order: GatewayOrder, watching: Bool) async throws -> GuestSession {
        let queue = OrderQueue(
            gateways: gateways, sessions: store, orders: store, logger: quietLogger, now: fixture.clock.now,
            sleep: fixture.clock.sleep)
        let run = Task { await queue.run() }
        queue.submit(order)
        while !queue.isEmpty { await Task.yield() }
        if watching {
            fixture.clock.advance(60)
            await watch(queue).run()
            while !queue.isEmpty { await Task.yield() }
        }
        run.cancel()
        await run.value
        return try #require(try await store.session(order.sessionID))
    }

    /// One visit to the router.
    private func watch(_ queue: OrderQueue) -> RouterWatch {
        RouterWatch(
            sites: store, gateways: gateways, sessions: store, orders: queue, logger: quietLogger,
            now: fixture.clock.now, sleep: { _ in throw CancellationError() })
    }

    /// The guest leaves for good.
    func end(_ session: GuestSession) async throws -> GatewayOrder {
        try #require(
            try await store.end(session.id, as: .disconnected, reason: nil, now: fixture.clock.now()))
    }

    /// Whether the coupon can be used again.
    func isValid(_ coupon: Coupon) async throws -> Bool {
        try await store.validCoupons(of: instance.id, now: fixture.clock.now(), page: ListPage(limit: 100))
            .contains { $0.id == coupon.id }
    }
}
