import Captive
import Foundation
import NetworkAddress
import Storage
import Synchronization
import Testing

@testable import Gateways

/// A SQLite database with an instance and its site. Marked devices are reported to the connected reconciler.
final class StoreFixture: Sendable {
    let store: Store
    /// The store of another node with the same database. The devices that it marks are not reported, and other nodes do
    /// not claim them within a minute.
    let otherNode: Store
    let instance: Instance
    let siteID = UUID()
    private let clock: TestClock
    private let marks: MarkRelay
    private let folder: URL

    /// `ttl`: seconds of a session.
    init(clock: TestClock, ttl: Int = 3_600) async throws {
        self.clock = clock
        // In memory if possible: the disk is not tested.
        let memory = URL(filePath: "/dev/shm")
        let isMemory = FileManager.default.isWritableFile(atPath: memory.path())
        folder = (isMemory ? memory : FileManager.default.temporaryDirectory).appending(path: "portico-" + UUID().text)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let sealer = try #require(Sealer(keys: [Array(repeating: 7, count: 32)]))
        let database = try SQLiteDatabase(path: folder.appending(path: "portico.db").path)
        marks = MarkRelay()
        store = Store(database, sealer: sealer, onChange: marks.forward)
        otherNode = Store(database, sealer: sealer, node: "other")
        let now = clock.now()
        instance = Instance(
            id: UUID(), workspace: .default, name: "Lobby", strategy: .coupon, sessionTTL: ttl,
            sites: [.init(siteID: siteID, subnets: [try #require(Subnet("10.5.50.0/24"))])], createdAt: now)
        _ = try await store.migrate(now: now)
        try await store.create(instance)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Reports marked devices to `reconciler` from now on; nil for none.
    func connect(_ reconciler: Reconciler?) { marks.connect(reconciler) }

    func setRouter(_ settings: RouterSettings, for siteID: UUID) async throws {
        _ = try await store.upsertSite(siteID, in: .default, now: clock.now()) { $0.router = settings }
    }

    /// Enters the code of a new coupon on a device.
    @discardableResult
    func redeem(
        _ client: GatewayClient, at siteID: UUID? = nil, _ ownership: Ownership = Ownership(), on node: Store? = nil
    ) async throws -> (coupon: Coupon, session: GuestSession) {
        let now = clock.now()
        let coupons = try await store.createCoupons(
            1, for: instance.id, scheduleID: nil, expiresAt: now + 86_400, now: now
        ) {
            var generator = SystemRandomNumberGenerator()
            return CouponCode.random(using: &generator)
        }
        let coupon = try #require(coupons.first)
        guard case .accepted(let session) = try await enter(coupon, client, at: siteID, ownership, on: node) else {
            throw Refused()
        }
        return (coupon, session)
    }

    /// Enters the code of a coupon on a device.
    func enter(
        _ coupon: Coupon, _ client: GatewayClient, at siteID: UUID? = nil, _ ownership: Ownership = Ownership(),
        on node: Store? = nil
    ) async throws -> Redemption.Outcome {
        let redemption = Redemption(
            code: coupon.code, instance: instance, siteID: siteID ?? self.siteID, client: client, device: nil,
            now: clock.now(), ownership: ownership)
        return try await (node ?? store).redeem(redemption)
    }

    struct Refused: Error {}

    /// Creates an active session without a call to a router and without a report to the reconciler.
    func activeSession(
        _ client: GatewayClient, at siteID: UUID? = nil
    ) async throws -> (coupon: Coupon, session: GuestSession) {
        let (coupon, session) = try await redeem(client, at: siteID, on: otherNode)
        let (device, now) = (session.siteDevice, clock.now())
        guard case .authorize(let grant) = try await otherNode.state(of: device).next(at: now) else { throw Refused() }
        #expect(try await otherNode.confirm(grant, now: now))
        return (coupon, try await self.session(session.id))
    }

    func session(_ id: UUID) async throws -> GuestSession { try #require(try await store.session(id)) }

    func isPending(_ device: SiteDevice) async throws -> Bool { try await store.state(of: device).pending != nil }

    /// Whether the coupon can be used again.
    func isValid(_ coupon: Coupon) async throws -> Bool {
        try await store.validCoupons(of: instance.id, now: clock.now(), page: ListPage(limit: 100))
            .contains { $0.id == coupon.id }
    }
}

/// Reports the devices that a store has marked to the reconciler, which is created after the store.
private final class MarkRelay: Sendable {
    private struct Receiver { weak var reconciler: Reconciler? }

    private let receiver = Mutex(Receiver())

    func connect(_ reconciler: Reconciler?) { receiver.withLock { $0.reconciler = reconciler } }

    @Sendable func forward(_ change: StoreChange) {
        if case .pending(let devices) = change { receiver.withLock { $0.reconciler }?.enqueue(devices) }
    }
}

extension GuestSession {
    static func make(
        _ client: GatewayClient, at site: UUID, now: Date, ttl: Int = 3_600, status: Status = .connecting
    ) -> GuestSession {
        GuestSession(
            id: UUID(), siteID: site, instanceID: UUID(), workspace: .default, client: client, status: status,
            strategy: .coupon, ttl: ttl, createdAt: now, expiresAt: now.addingTimeInterval(Double(ttl)))
    }
}
