import Captive
import Foundation
import Testing

@testable import Storage

@Suite struct SQLiteTests {
    /// Statements for which a guest or an admin waits, with every table large.
    static let hotStatements = [
        CouponSQL.candidates, CouponSQL.redeem, CouponSQL.giveBack, CouponSQL.holderOfCode, CouponSQL.validPage,
        CouponSQL.delete, SessionSQL.one, SessionSQL.latest, SessionSQL.active, SessionSQL.runningAt,
        SessionSQL.runningOfClient,
        SessionSQL.runningOfSite,
        SessionSQL.runningOfInstance, SessionSQL.over, SessionSQL.runningOfDevice, SessionSQL.arriving,
        SessionSQL.update, SessionSQL.resumable, SessionSQL.successor, SessionSQL.renewals, SessionSQL.movesSince,
        PendingDeviceSQL.one, PendingDeviceSQL.unmark, PendingDeviceSQL.claim, InstanceSQL.one,
        InstanceSQL.page, InstanceSQL.claimsOf, InstanceSQL.claimsAt, InstanceSQL.deleteClaims, SiteSQL.one,
        SiteSQL.page, SiteSQL.user, IntegrationSQL.page, IntegrationSQL.user, APITokenSQL.good,
        NotificationGroupSQL.page, NotificationGroupSQL.one, NotificationGroupSQL.hold, NotificationGroupSQL.user,
        NotificationGroupSQL.states,
        NotificationGroupSQL.setState, DeliverySQL.claim, DeliverySQL.deleteOfTarget,
        AuditSQL.complete, AuditSQL.earlier, AuditSQL.deleteExpiredAnswer,
        AuditSQL.page(AuditFilter()).sql, AuditSQL.page(AuditFilter(resource: "sites", resourceID: "1")).sql,
        AuditSQL.page(AuditFilter(tokenID: "1", since: .distantPast)).sql,
        ScheduleSQL.page, ScheduleSQL.one, ScheduleSQL.hold, ScheduleSQL.due, ScheduleSQL.nextRun, ScheduleSQL.claim,
        ScheduleSQL.ahead, ScheduleSQL.tally, ScheduleSQL.validCoupons, ScheduleSQL.delete, ScheduleSQL.deleteCoupons,
        "DELETE FROM coupons WHERE instance_id = ?1", "DELETE FROM instances WHERE id = ?1",
    ]

    @Test(arguments: hotStatements)
    func `a statement that a guest or an admin waits for neither scans nor sorts`(sql: String) async throws {
        let venue = try await Venue(StorageBackend.all[0])
        let plan = try await venue.database.read {
            try $0.rows("EXPLAIN QUERY PLAN " + sql, []).compactMap(\.values.last)
        }
        for case .text(let step) in plan {
            #expect(!step.hasPrefix("SCAN") && !step.contains("TEMP B-TREE"), "\(step)")
        }
        #expect(!plan.isEmpty)
    }

    @Test func `commits are synced and foreign keys hold`() async throws {
        let venue = try await Venue(StorageBackend.all[0])
        let settings = try await venue.database.write { connection in
            try ["synchronous", "foreign_keys", "journal_mode"].compactMap {
                try connection.row("PRAGMA \($0)", [])?.values.first
            }
        }
        #expect(settings == [.integer(Int64(2)), .integer(Int64(1)), .text("wal")])
    }

    @Test func `an inline read sees the last commit, and cannot write`() async throws {
        let venue = try await Venue(StorageBackend.all[0])
        for number in 1...8 {
            let session = try await venue.connect(Venue.client(number))
            let seen = try await venue.database.readInline { try $0.row(SessionSQL.one, [.id(session.id)]) }
            #expect(seen != nil)
        }
        await #expect(throws: StorageError.self) {
            try await venue.database.readInline { try $0.execute("DELETE FROM sessions", []) }
        }
        #expect(try await venue.store.runningSessions(atSite: venue.siteID, now: Venue.now).count == 8)
    }

    @Test func `another process reads what a call has returned`() async throws {
        let venue = try await Venue(StorageBackend.all[0])
        let session = try await venue.connect(Venue.client(1))
        let (device, marks) = (venue.device(session.client), try await venue.pending())
        let sealer = try #require(Sealer(keys: [Array(repeating: 7, count: 32)]))
        let other = Store(try SQLiteDatabase(path: venue.folder.database), sealer: sealer)
        #expect(try await other.session(session.id) == session)
        let state = DeviceState(device: device, sessions: [session], pending: marks.first)
        #expect(try await other.state(of: device) == state)
    }

    @Test func `a full disk refuses the write, loses nothing, and recovers when there is space`() async throws {
        let venue = try await Venue(StorageBackend.all[0])
        let kept = try await venue.coupons(3)
        _ = try await venue.database.write { try $0.rows("PRAGMA max_page_count = 1", []) }
        await #expect(throws: StorageError.full) { try await venue.coupons(5_000) }
        _ = try await venue.database.write { try $0.rows("PRAGMA max_page_count = 1000000", []) }
        let valid = try await venue.store.validCoupons(of: venue.instance.id, now: Venue.now, page: ListPage())
        #expect(Set(valid.map(\.id)) == Set(kept.map(\.id)))
        guard case .accepted = try await venue.redeem(kept[0].code, by: Venue.client(1)) else {
            throw Venue.Unexpected()
        }
    }

    @Test func `a change whose mark cannot be written is not made`() async throws {
        let venue = try await Venue(StorageBackend.all[0])
        let (active, client) = (try await venue.online(Venue.client(1)), try Venue.client(2))
        let (coupons, changes) = (try await venue.coupons(), venue.changes.all.count)
        let trigger = "CREATE TRIGGER fault BEFORE INSERT ON pending_devices BEGIN SELECT RAISE(ABORT, 'no mark'); END"
        _ = try await venue.database.write { try $0.execute(trigger, []) }
        let (store, now, code) = (venue.store, Venue.now, coupons[0].code)
        let attempts: [@Sendable () async throws -> Void] = [
            { _ = try await venue.redeem(code, by: client) },
            { _ = try await store.recapture(active.id, at: active.client, now: now) },
            { _ = try await store.end(active.id, reason: .signedOut, now: now) },
            { _ = try await store.expireSessions(now: active.expiresAt, limit: 10) },
            { _ = try await store.deleteInstance(venue.instance.id, in: .default) },
        ]
        for attempt in attempts { await #expect(throws: StorageError.self) { try await attempt() } }
        #expect(venue.changes.all.count == changes)
        #expect(try await store.session(active.id) == active)
        #expect(try await store.instance(venue.instance.id) == venue.instance)
        #expect(try await store.latestSession(of: client.mac, at: venue.siteID) == nil)
        #expect(try await store.validCoupons(of: venue.instance.id, now: now, page: ListPage()) == coupons)
    }

    @Test func `a full disk refuses a guest's write and undoes it`() async throws {
        let venue = try await Venue(StorageBackend.all[0])
        let coupons = try await venue.coupons(2)
        _ = try await venue.database.write { try $0.rows("PRAGMA max_page_count = 1", []) }
        let filler = String(repeating: "x", count: 1_000_000)
        await #expect(throws: StorageError.full) {
            try await venue.store.guests.write {
                try $0.execute("UPDATE coupons SET code = ?1 WHERE id = ?2", [.text(filler), .id(coupons[0].id)])
            }
        }
        let valid = try await venue.store.validCoupons(of: venue.instance.id, now: Venue.now, page: ListPage())
        #expect(Set(valid.map(\.code)) == Set(coupons.map(\.code)))
    }

    @Test func `a file that is not a database is reported as damaged`() throws {
        let folder = try TemporaryFolder()
        try Data(repeating: 0x41, count: 8_192).write(to: URL(filePath: folder.database))
        let error = #expect(throws: StorageError.self) { try SQLiteDatabase(path: folder.database) }
        guard case .corrupt = error else { throw Venue.Unexpected() }
    }

    @Test func `a missing folder is reported`() throws {
        let folder = try TemporaryFolder()
        #expect(throws: StorageError.self) { try SQLiteDatabase(path: folder.path + "/none/portico.db") }
    }
}
