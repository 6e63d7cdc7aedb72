import Captive
import Foundation
import Testing

@testable import Storage

@Suite struct ClockStoreTests {
    @Test(arguments: StorageBackend.all)
    func `the clock history is stored beside the row of a check`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let kept = ClockHistory(trusted: Venue.now, doubt: Venue.now + 5...Venue.now + 9)
        try await venue.store.withClockHistory { $0 = kept }
        try await venue.store.checkHealth(now: Venue.now)
        let read = try await venue.store.withClockHistory { $0 }
        #expect(read == kept)
    }

    @Test(arguments: StorageBackend.all)
    func `without a stored history, the newest row gives the time`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let first = try await venue.store.withClockHistory { $0.trusted }
        #expect(first == Venue.now)
        let other = try await Venue(backend)
        _ = try await other.coupons(1, now: Venue.now + 60)
        let later = try await other.store.withClockHistory { $0.trusted }
        #expect(later == Venue.now + 60)
    }

    @Test func `a new database has no clock history`() async throws {
        let (database, folder) = try StorageBackend.all[0].make()
        defer { withExtendedLifetime(folder) {} }
        let store = Store(database, sealer: try #require(Sealer(keys: [Array(repeating: 7, count: 32)])))
        _ = try await store.migrate(now: Venue.now)
        let history = try await store.withClockHistory { $0 }
        #expect(history == ClockHistory())
    }
}
