import Captive
import Foundation
import NetworkAddress
import Testing

@testable import Storage

/// A store with one coupon instance at one site.
struct Venue: Sendable {
    let store: Store
    let database: any Database
    let folder: TemporaryFolder
    let changes = Changes()
    let instance: Instance
    let siteID = UUID()

    static let now = Date(timeIntervalSince1970: 1_800_000_000)
    static let ttl = 3_600

    init(_ backend: StorageBackend) async throws {
        (database, folder) = try backend.make()
        let sealer = try #require(Sealer(keys: [Array(repeating: 7, count: 32)]))
        let changes = changes
        store = Store(database, sealer: sealer) { changes.tell($0) }
        _ = try await store.migrate(now: Self.now)
        instance = try Self.instance(at: siteID, "10.0.0.0/24")
        try await store.create(instance)
    }

    static func instance(
        at siteID: UUID, _ subnets: String..., in workspace: Workspace = .default, createdAt: Date = now
    ) throws -> Instance {
        Instance(
            id: UUID(), workspace: workspace, name: "Lobby", strategy: .coupon, sessionTTL: ttl,
            sites: [.init(siteID: siteID, subnets: try subnets.map { try #require(Subnet($0)) })], createdAt: createdAt)
    }

    static func client(_ number: Int, host: Int? = nil) throws -> GatewayClient {
        GatewayClient(
            mac: try #require(MACAddress(rawValue: UInt64(0xAA_0000_0000 + number))),
            ip: .v4(0x0A00_0000 + UInt32(host ?? number)))
    }

    func coupons(
        _ count: Int = 1, of instance: Instance? = nil, validFor seconds: Double = 86_400, now: Date = now
    ) async throws -> [Coupon] {
        try await store.createCoupons(
            count, for: (instance ?? self.instance).id, scheduleID: nil, expiresAt: now.addingTimeInterval(seconds),
            now: now
        ) {
            var generator = SystemRandomNumberGenerator()
            return CouponCode.random(using: &generator)
        }
    }

    func redeem(
        _ code: CouponCode, by client: GatewayClient, at now: Date = now, _ ownership: Ownership = Ownership()
    ) async throws -> Redemption.Outcome {
        try await store.redeem(
            Redemption(
                code: code, instance: instance, siteID: siteID, client: client, device: "iPhone", now: now,
                ownership: ownership))
    }

    /// A session of a new coupon, `connecting`.
    func connect(
        _ client: GatewayClient, at now: Date = now, owning id: UUID? = nil
    ) async throws -> GuestSession {
        let coupon = try #require(try await coupons(now: now).first)
        let outcome = try await redeem(coupon.code, by: client, at: now, Ownership(sessionID: id))
        guard case .accepted(let session) = outcome else { throw Unexpected() }
        return session
    }

    /// A session that the router has confirmed.
    func online(_ client: GatewayClient, at now: Date = now) async throws -> GuestSession {
        let session = try await connect(client, at: now)
        #expect(try await store.confirmNext(for: device(client), now: now))
        return try #require(try await store.session(session.id))
    }

    // MARK: Desired state of routers

    func device(_ client: GatewayClient) -> SiteDevice { SiteDevice(siteID: siteID, mac: client.mac) }

    /// The next step for a device.
    func next(_ client: GatewayClient, at now: Date = now) async throws -> DesiredAccess {
        try await store.state(of: device(client)).next(at: now)
    }

    /// The next grant for a device: that of `session`, if other grants have failed before.
    func grant(_ client: GatewayClient, of session: UUID? = nil, at now: Date = now) async throws -> AccessGrant {
        let state = try await store.state(of: device(client))
        let others: [UUID?] = [nil] + state.sessions.map(\.id).filter { $0 != session }
        let delays = session == nil ? [:] : Dictionary(uniqueKeysWithValues: others.map { ($0, Date.distantFuture) })
        guard case .authorize(let grant) = state.next(at: now, notBefore: delays) else { throw Unexpected() }
        return grant
    }

    /// The devices that are marked, the oldest mark first.
    func pending() async throws -> [PendingDevice] {
        try await database.read { connection in
            try connection.rows(
                "SELECT site_id, mac, ip, since, revoke_until FROM pending_devices ORDER BY since, site_id, mac", []
            ).map(PendingDeviceRow.device)
        }
    }

    struct Unexpected: Error {}
}
