import Captive
import Foundation
import Testing

@testable import Storage

/// Nodes that share a database: each works on the devices that it has marked, and on those of nodes that have stopped.
@Suite struct ClaimStoreTests {
    private static let lease: TimeInterval = 60

    /// The store of a node, with its own connection to the venue's database.
    private func node(_ name: String, of venue: Venue) throws -> Store {
        Store(try SQLiteDatabase(path: venue.folder.database), sealer: venue.store.sealer, node: name)
    }

    private func claim(_ store: Store, after seconds: TimeInterval, limit: Int = 10) async throws -> [SiteDevice] {
        try await store.claimPending(lease: Self.lease, limit: limit, now: Venue.now + seconds)
    }

    /// A new session at `client`, whose device `store` marks.
    private func mark(
        _ client: GatewayClient, by store: Store, of venue: Venue, after seconds: TimeInterval = 0
    ) async throws -> SiteDevice {
        let now = Venue.now + seconds
        let coupon = try #require(try await venue.coupons(now: now).first)
        let redemption = Redemption(
            code: coupon.code, instance: venue.instance, siteID: venue.siteID, client: client, device: nil, now: now)
        guard case .accepted(let session) = try await store.redeem(redemption) else { throw Venue.Unexpected() }
        return session.siteDevice
    }

    @Test func `a device that a node has marked is claimed by another node when the lease is over`() async throws {
        let venue = try await Venue(StorageBackend.all[0])
        let (a, b) = (try node("a", of: venue), try node("b", of: venue))
        let device = try await mark(Venue.client(1), by: a, of: venue)
        for seconds in [0, 1, 59.9] { #expect(try await claim(b, after: seconds) == []) }
        #expect(try await claim(b, after: 60) == [device])
        #expect(try await claim(b, after: 60) == [device], "it holds the device already")
        for seconds in [60, 119.9] { #expect(try await claim(a, after: seconds) == []) }
        #expect(try await claim(a, after: 120) == [device])
        #expect(try await claim(b, after: 121) == [])
        #expect(try await venue.pending().map(\.device) == [device])
    }

    @Test func `a node that has restarted claims at once what it has marked before`() async throws {
        let venue = try await Venue(StorageBackend.all[0])
        let a = try node("a", of: venue)
        let device = try await mark(Venue.client(1), by: a, of: venue)
        try a.close()
        #expect(try await claim(node("b", of: venue), after: 1) == [])
        #expect(try await claim(node("a", of: venue), after: 1) == [device])
    }

    @Test func `a node keeps a device for as long as it claims it`() async throws {
        let venue = try await Venue(StorageBackend.all[0])
        let (a, b) = (try node("a", of: venue), try node("b", of: venue))
        let device = try await mark(Venue.client(1), by: a, of: venue)
        for seconds in stride(from: 20.0, through: 200, by: 20) {
            #expect(try await claim(a, after: seconds) == [device])
            #expect(try await claim(b, after: seconds + 19.9) == [])
        }
        #expect(try await claim(b, after: 260) == [device])
    }

    @Test func `a router's answer leaves the device with the node that recorded it while more is to be done`()
        async throws
    {
        let venue = try await Venue(StorageBackend.all[0])
        let (a, b) = (try node("a", of: venue), try node("b", of: venue))
        let device = try await mark(Venue.client(1), by: a, of: venue)
        let session = try #require(try await a.state(of: device).sessions.first)
        _ = try await a.end(session.id, reason: .signedOut, now: Venue.now)
        #expect(try await !a.settle(device, now: Venue.now + 30))
        #expect(try await claim(b, after: 89.9) == [])
        #expect(try await claim(b, after: 90) == [device])
        #expect(try await b.confirmRevocation(of: device, now: Venue.now + 91))
        for store in [a, b] { #expect(try await claim(store, after: 1_000) == [], "nothing is left to do") }
    }

    @Test func `the oldest marks are claimed first, at most as many as asked`() async throws {
        let venue = try await Venue(StorageBackend.all[0])
        let (a, b) = (try node("a", of: venue), try node("b", of: venue))
        var devices: [SiteDevice] = []
        for number in [3, 1, 2] {
            devices.append(try await mark(Venue.client(number), by: a, of: venue, after: Double(devices.count)))
        }
        #expect(try await claim(b, after: 100, limit: 2) == Array(devices.prefix(2)))
        #expect(try await claim(a, after: 101) == [devices[2]])
    }

    @Test func `nodes that claim at the same time share the devices`() async throws {
        let venue = try await Venue(StorageBackend.all[0])
        let a = try node("a", of: venue)
        var devices: Set<SiteDevice> = []
        for number in 0..<20 { devices.insert(try await mark(Venue.client(number), by: a, of: venue)) }
        let claimed = try await withThrowingTaskGroup(of: [SiteDevice].self) { group in
            for name in ["b", "c", "d", "e"] {
                let store = try node(name, of: venue)
                group.addTask { try await claim(store, after: 100, limit: 5) }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(claimed.count == devices.count && Set(claimed) == devices)
    }
}
