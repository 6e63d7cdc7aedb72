import Captive
import Foundation
import NetworkAddress
import Testing

@testable import Storage

@Suite struct AuditStoreTests {
    static func entry(_ action: String = "updateSite", at now: Date = Venue.now) -> AuditEntry {
        AuditEntry(
            workspace: .default, actor: .init(tokenID: "t1", subject: "ops", address: IPAddress("192.0.2.1")),
            action: action, resource: "sites", resourceID: "1", path: "/captive/sites/1",
            fields: ["name", "router.password"], createdAt: now)
    }

    static func claim(_ key: UInt8 = 1, request: UInt8 = 1, at now: Date = Venue.now) -> IdempotencyKey {
        IdempotencyKey(workspace: .default, key: [key], request: [request], now: now)
    }

    private func entries(_ venue: Venue, _ filter: AuditFilter = AuditFilter()) async throws -> [AuditEntry] {
        try await venue.store.auditEntries(in: .default, matching: filter, page: ListPage())
    }

    @Test(arguments: StorageBackend.all)
    func `an entry is written with the change, and once`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let entry = Self.entry()
        try await venue.store.audited(by: entry, nil) {
            _ = try await venue.coupons(1)
            _ = try await venue.coupons(1)
        }
        #expect(try await entries(venue) == [entry])
    }

    @Test(arguments: StorageBackend.all)
    func `an entry is written with a guest's change too`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let session = try await venue.online(try Venue.client(1))
        try await venue.store.audited(by: Self.entry("disconnectUser"), nil) {
            _ = try await venue.store.end(session.id, reason: .admin, now: Venue.now)
        }
        #expect(try await entries(venue).map(\.action) == ["disconnectUser"])
    }

    @Test(arguments: StorageBackend.all)
    func `a request that changes nothing writes no entry`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        try await venue.store.audited(by: Self.entry(), Self.claim()) {
            #expect(try await !venue.store.deleteCoupon(UUID(), of: venue.instance.id))
            _ = try await venue.store.instance(venue.instance.id)
        }
        await #expect(throws: StoreError.self) {
            try await venue.store.audited(by: Self.entry(), Self.claim()) {
                try await venue.store.create(venue.instance)
            }
        }
        #expect(try await entries(venue).isEmpty)
        #expect(try await venue.store.earlierRequest(Self.claim()) == nil)
    }

    @Test(arguments: StorageBackend.all)
    func `an entry gets the id of the created resource once`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        var entry = Self.entry()
        entry.resourceID = nil
        try await venue.store.audited(by: entry, nil) { _ = try await venue.coupons(1) }
        try await venue.store.complete(entry.id, resourceID: "2")
        try await venue.store.complete(entry.id, resourceID: "3")
        #expect(try await entries(venue).map(\.resourceID) == ["2"])
    }

    @Test(arguments: StorageBackend.all)
    func `entries are found by resource, id, token and time, and are deleted`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        for day in 0..<3 {
            let entry = Self.entry("day\(day)", at: Venue.now + Double(day) * 86_400)
            try await venue.store.audited(by: entry, nil) { _ = try await venue.coupons(1) }
        }
        #expect(try await entries(venue).map(\.action) == ["day2", "day1", "day0"])
        #expect(try await entries(venue, AuditFilter(resource: "sites", resourceID: "1", tokenID: "t1")).count == 3)
        #expect(try await entries(venue, AuditFilter(resource: "coupons")).isEmpty)
        #expect(try await entries(venue, AuditFilter(tokenID: "t2")).isEmpty)
        let middle = AuditFilter(since: Venue.now + 86_400, until: Venue.now + 2 * 86_400)
        #expect(try await entries(venue, middle).map(\.action) == ["day1"])
        #expect(try await venue.store.deleteAuditEntries(before: Venue.now + 86_400, limit: 10) == 1)
        #expect(try await entries(venue).map(\.action) == ["day2", "day1"])
        let stranger = try #require(Workspace(rawValue: "stranger"))
        #expect(
            try await venue.store.auditEntries(in: stranger, matching: AuditFilter(), page: ListPage()).isEmpty)
    }

    @Test(arguments: StorageBackend.all)
    func `of two requests with one key one takes effect`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    do {
                        try await venue.store.audited(by: Self.entry(), Self.claim()) {
                            _ = try await venue.coupons(1)
                        }
                        return true
                    } catch { return !(error is IdempotencyConflict) }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count { $0 } == 1)
        let coupons = try await venue.store.validCoupons(of: venue.instance.id, now: Venue.now, page: ListPage())
        #expect(coupons.count == 1)
        #expect(try await entries(venue).count == 1)
        #expect(try await venue.store.earlierRequest(Self.claim()) == .unanswered(since: Venue.now))
    }

    @Test(arguments: StorageBackend.all)
    func `a response is stored sealed, only for its request, for a day`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        try await venue.store.keep(Array("code ABC234".utf8), for: Self.claim())
        try await venue.store.keep(Array("other".utf8), for: Self.claim())
        #expect(try await venue.store.earlierRequest(Self.claim()) == .answered(Array("code ABC234".utf8)))
        #expect(try await venue.store.earlierRequest(Self.claim(request: 2)) == .different)
        #expect(try await venue.store.earlierRequest(Self.claim(2)) == nil)
        let row = try await venue.database.read { try $0.row("SELECT answer FROM kept_answers", []) }
        guard case .blob(let bytes)? = row?.values.first else { throw Venue.Unexpected() }
        #expect(!String(decoding: bytes, as: UTF8.self).contains("ABC234"))
        let later = Venue.now + IdempotencyKey.lifetime
        #expect(try await venue.store.earlierRequest(Self.claim(at: later)) == nil)
        try await venue.store.audited(by: Self.entry(), Self.claim(at: later)) { _ = try await venue.coupons(1) }
        #expect(try await venue.store.earlierRequest(Self.claim(at: later)) == .unanswered(since: later))
        #expect(try await venue.store.deleteResponses(before: later + 1, limit: 10) == 1)
        #expect(try await venue.store.earlierRequest(Self.claim(at: later)) == nil)
    }
}
