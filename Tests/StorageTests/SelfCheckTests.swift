import Captive
import Dispatch
import Foundation
import Testing

@testable import Storage

/// The portal's readiness, which is checked every few seconds.
@Suite struct SelfCheckTests {
    @Test(arguments: StorageBackend.all)
    func `a check writes one row`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        for _ in 0..<3 { try await venue.store.checkHealth(now: Venue.now) }
        let rows = try await venue.database.read { try $0.rows("SELECT id, written_at FROM self_checks", []) }
        #expect(rows.map(\.values) == [[.integer(1), .date(Venue.now)]])
    }

    @Test(arguments: StorageBackend.all)
    func `a closed database is reported`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        try venue.store.close()
        await #expect(throws: (any Error).self) { try await venue.store.checkHealth(now: Venue.now) }
    }

    @Test func `a full disk is reported until as much can be written again`() async throws {
        let venue = try await Venue(StorageBackend.all[0])
        try await venue.store.checkHealth(now: Venue.now)
        _ = try await venue.database.write { try $0.rows("PRAGMA max_page_count = 1", []) }
        await #expect(throws: StorageError.full) { try await venue.coupons(5_000) }
        #expect(venue.store.writeFault == .full)
        await #expect(throws: StorageError.full) { try await venue.store.checkHealth(now: Venue.now) }
        _ = try await venue.database.write { try $0.rows("PRAGMA max_page_count = 1000000", []) }
        try await venue.store.checkHealth(now: Venue.now)
        #expect(venue.store.writeFault == nil)
    }

    @Test func `stored secrets are reported if none opens, but not a single one`() async throws {
        let venue = try await Venue(StorageBackend.all[0])
        let integrations = (0..<2).map { AuthIntegrationStoreTests.integration(secret: "secret \($0)") }
        for integration in integrations { try await venue.store.create(integration) }
        let damage = "UPDATE integrations SET client_secret = x'00' WHERE id = ?1"
        _ = try await venue.database.write { try $0.execute(damage, [.id(integrations[0].id)]) }
        try await venue.store.checkHealth(now: Venue.now)
        _ = try await venue.database.write { try $0.execute(damage, [.id(integrations[1].id)]) }
        await #expect(throws: StorageError.unreadableSecrets) { try await venue.store.checkHealth(now: Venue.now) }
    }

    @Test func `a database that another process locks refuses writes until it is released`() async throws {
        let venue = try await Venue(StorageBackend.all[0])
        let other = try SQLiteDatabase(path: venue.folder.database)
        let (isHeld, isOver) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        async let holding: Void = other.write { connection in
            try connection.execute("UPDATE coupons SET code = code", [])
            isHeld.signal()
            isOver.wait()
        }
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                isHeld.wait()
                continuation.resume()
            }
        }
        for _ in 1...2 {
            await #expect(throws: StorageError.busy) { try await venue.coupons(1) }
        }
        #expect(try await venue.store.site(venue.siteID) != nil, "readers wait for no writer")
        isOver.signal()
        try await holding
        #expect(try await venue.coupons(1).count == 1)
    }

    @Test func `a read-only database is reported, and is not a fault of the portal`() async throws {
        let venue = try await Venue(StorageBackend.all[0])
        _ = try await venue.database.write { try $0.rows("PRAGMA query_only = 1", []) }
        await #expect(throws: StorageError.readOnly) { try await venue.store.checkHealth(now: Venue.now) }
        #expect(venue.store.writeFault == .readOnly && StorageError.readOnly.isUnavailable)
    }

    @Test func `after closing, the one file holds everything`() async throws {
        let venue = try await Venue(StorageBackend.all[0])
        let session = try await venue.online(Venue.client(1))
        // Readers too, which cannot move the last writes into the file.
        for _ in 1...4 { #expect(try await venue.store.session(session.id) != nil) }
        _ = try await venue.store.sites(in: .default, page: ListPage())
        try venue.store.close()
        let copy = try TemporaryFolder()
        try FileManager.default.copyItem(atPath: venue.folder.database, toPath: copy.database)
        let restored = Store(try SQLiteDatabase(path: copy.database), sealer: venue.store.sealer)
        #expect(try await restored.session(session.id) == session)
    }
}
