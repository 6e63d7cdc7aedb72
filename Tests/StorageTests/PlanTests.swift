import Captive
import Foundation
import NetworkAddress
import Testing

@testable import Storage

/// How SQLite would run each statement of the program: with an index that finds the rows, in the requested order. The
/// plan does not depend on the number of rows.
@Suite struct PlanTests {
    /// Statements that may read a whole table or sort what they read, and why this is acceptable.
    private static let exceptions = [
        "APITokenSQL.all": "the operator's list of tokens",
        "AuditSQL.sql": "a filter's conditions are put in by `page`, which is checked below",
        "InstanceSQL.atSite": "puts the few instances of one site in order",
        "InstanceSQL.allClaims": "the index of subnets, made once and kept in memory",
        "IntegrationSQL.all": "the operator's check of every integration",
        "PendingDeviceSQL.claimable": "a row is a device that is not settled; read every 20 s, checked below",
        "SealedColumnSQL.usage": "one look at all secrets at the start",
        "SealedColumnSQL.dropAnswers": "a start after a key was lost",
        "SealedColumnSQL.dropHandovers": "a start after a key was lost",
        "SealedColumnSQL.page": "the names of tables are put in by `page`, which is checked below",
        "SealedColumnSQL.replace": "the names of tables are put in by `replace`, which is checked below",
        "SealedColumnSQL.sample": "reads the first rows of the primary key's index",
        "SelfCheckSQL.newest": "once, when nothing is known of the clock",
        "SiteSQL.withRouter": "the watches' list of routers",
        "SiteUserSQL.sql": "a filter's texts are put in by `page`, which is checked below",
    ]

    private func plan(_ sql: String) async throws -> [String] {
        let (database, folder) = try #require(StorageBackend.all.first).make()
        defer { withExtendedLifetime(folder) {} }
        let sealer = try #require(Sealer(keys: [Array(repeating: 7, count: 32)]))
        _ = try await Store(database, sealer: sealer).migrate(now: Venue.now)
        return try await database.read { connection in
            let count = sql.matches(of: #/\?(\d+)/#).compactMap { Int($0.output.1) }.max() ?? 0
            return try connection.rows("EXPLAIN QUERY PLAN " + sql, Array(repeating: .null, count: count)).map {
                if case .text(let step)? = $0.values.last { step } else { "" }
            }
        }
    }

    /// Steps whose duration grows with the size of a table.
    private func slowSteps(_ sql: String) async throws -> [String] {
        try await plan(sql).filter {
            $0.hasPrefix("SCAN") && !$0.hasPrefix("SCAN CONSTANT")
                || ($0.contains("TEMP B-TREE") && !$0.contains("LAST TERM"))
        }
    }

    @Test(arguments: StatementSource.all)
    func `a statement finds its rows by an index and sorts nothing`(statement: StatementSource) async throws {
        guard Self.exceptions[statement.name] == nil else { return }
        #expect(try await slowSteps(statement.sql) == [])
    }

    @Test(arguments: SealedColumn.all.indices)
    func `re-sealing continues where it was, and finds the row that it writes`(index: Int) async throws {
        let column = SealedColumn.all[index]
        for sql in [SealedColumnSQL.page(column), SealedColumnSQL.replace(column)] {
            #expect(try await slowSteps(sql) == [], "\(sql)")
        }
    }

    @Test func `no statement of the program is left out`() throws {
        #expect(StatementSource.all.count == (try StatementSource.statementCount(in: StatementSource.sources)))
        let names = Set(StatementSource.all.map(\.name))
        #expect(Set(Self.exceptions.keys).subtracting(names).isEmpty, "an exception for what is not there")
        #expect(names.count == StatementSource.all.count)
    }

    @Test func `devices to be claimed are read in the order of their marks and not sorted`() async throws {
        let steps = try await plan(PendingDeviceSQL.claimable)
        #expect(steps == ["SCAN pending_devices USING INDEX pending_devices_by_age"])
    }

    @Test(
        arguments: [
            (SessionSQL.arriving, "sessions USING INDEX sessions_arriving (site_id=? AND next_mac=?)"),
            (SessionSQL.renewals, "sessions USING INDEX sessions_by_replaced (replaces=?)"),
            (SessionSQL.over, "sessions USING INDEX sessions_running_by_end (expires_at<?)"),
            (SessionSQL.update, "sessions USING INDEX sqlite_autoindex_sessions_1 (id=?)"),
            (PendingDeviceSQL.one, Self.deviceKey), (PendingDeviceSQL.unmark, Self.deviceKey),
            (PendingDeviceSQL.claim, Self.deviceKey),
        ])
    func `the rows that the life cycle of a session reads and writes are found by their index`(
        sql: String, step: String
    ) async throws {
        #expect(try await plan(sql) == ["SEARCH " + step])
    }

    private static let deviceKey =
        "pending_devices USING INDEX sqlite_autoindex_pending_devices_1 (site_id=? AND mac=?)"

    @Test(arguments: 0..<8, [nil] + GuestSession.Status.allCases)
    func `the list of a site's users finds its rows by an index, whatever the filter`(
        chosen: Int, status: GuestSession.Status?
    ) async throws {
        let filter = SiteUserFilter(
            status: status, mac: chosen & 1 == 0 ? nil : MACAddress("02:00:00:00:00:01"),
            ip: chosen & 2 == 0 ? nil : IPAddress("10.0.0.1"), text: chosen & 4 == 0 ? nil : "ann")
        #expect(try await slowSteps(SiteUserSQL.page(filter).sql) == [])
    }

    @Test(arguments: ["02-00-00-00-00-01", "ee:01", "EE01", "ABC-234", "ACE234", "ann"])
    func `a search for users finds its rows by an index for each meaning`(text: String) async throws {
        let sql = SiteUserSQL.page(SiteUserFilter(text: text)).sql
        #expect(try await slowSteps(sql) == [])
        let steps = try await plan(sql)
        let isCode = CouponCode(typed: text) != nil
        #expect(steps.contains { $0.contains("INDEX coupons_by_code ") } == isCode, "\(steps)")
    }

    @Test(arguments: 0..<16)
    func `the audit log finds its rows by an index, whatever the filter`(chosen: Int) async throws {
        let filter = AuditFilter(
            resource: chosen & 1 == 0 ? nil : "instances", resourceID: chosen & 2 == 0 ? nil : "an-id",
            tokenID: chosen & 4 == 0 ? nil : "a-token", since: chosen & 8 == 0 ? nil : Venue.now)
        #expect(try await slowSteps(AuditSQL.page(filter).sql) == [])
    }

    @Test(
        arguments: [
            (SiteUserFilter(), "sessions_by_age"),
            (SiteUserFilter(mac: MACAddress("02:00:00:00:00:01")), "sessions_by_mac"),
            (SiteUserFilter(ip: IPAddress("10.0.0.1")), "sessions_by_ip"),
            (SiteUserFilter(text: "0200.0000.0001"), "sessions_by_mac"),
            (SiteUserFilter(status: .active), "sessions_running_by_age"),
            (SiteUserFilter(status: .connecting), "sessions_running_by_age"),
            (SiteUserFilter(status: .disconnected), "sessions_disconnected"),
            (SiteUserFilter(status: .failed), "sessions_failed"),
        ])
    func `a filter that matches few users reads few rows`(filter: SiteUserFilter, index: String) async throws {
        let steps = try await plan(SiteUserSQL.page(filter).sql)
        #expect(steps.contains { $0.contains("INDEX \(index) ") }, "\(steps)")
    }
}
