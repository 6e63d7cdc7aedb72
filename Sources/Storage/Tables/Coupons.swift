package import Captive
package import Foundation

extension Store {
    /// Returns the coupons that are neither redeemed nor expired at `now`, newest first.
    package func validCoupons(of instanceID: UUID, now: Date, page: ListPage) async throws -> [Coupon] {
        try await database.read {
            try $0.rows(CouponSQL.validPage, [.id(instanceID)] + page.arguments + [.date(now)]).map(CouponRow.coupon)
        }
    }

    /// Throws `StoreError.notFound` if there is no such instance, and `.conflict` if `codes` yields no free code.
    package func createCoupons(
        _ count: Int, for instanceID: UUID, scheduleID: UUID?, expiresAt: Date, now: Date,
        codes: @Sendable @escaping () -> CouponCode
    ) async throws -> [Coupon] {
        try await database.write {
            try Self.makeCoupons(
                count, for: instanceID, scheduleID: scheduleID, expiresAt: expiresAt, now: now, codes: codes, $0)
        }
    }

    /// Returns false if the instance has no such coupon. A running session keeps its time.
    package func deleteCoupon(_ id: UUID, of instanceID: UUID) async throws -> Bool {
        try await database.write { try $0.execute(CouponSQL.delete, [.id(id), .id(instanceID)]) == 1 }
    }

    /// Deletes at most `limit` coupons, redeemed or not, that expired before `end`, oldest first. Returns the number of
    /// deleted coupons. Keeps coupons with a running session, and those of a schedule's last run, which its tally
    /// counts.
    package func deleteCoupons(expiredBefore end: Date, limit: Int) async throws -> Int {
        try await database.write { try $0.execute(CouponSQL.deleteOld, [.date(end), .integer(limit)]) }
    }

    /// Creates coupons within a transaction; throws the same errors as `createCoupons`.
    static func makeCoupons(
        _ count: Int, for instanceID: UUID, scheduleID: UUID?, expiresAt: Date, now: Date, codes: () -> CouponCode,
        _ connection: any SQLConnection
    ) throws -> [Coupon] {
        guard let workspace = try connection.row(InstanceSQL.workspace, [.id(instanceID)])?.values.first else {
            throw StoreError.notFound
        }
        return try (0..<count).map { _ in
            let coupon = Coupon(
                id: UUID(), instanceID: instanceID, scheduleID: scheduleID,
                code: try freeCode(codes, of: instanceID, now: now, connection), expiresAt: expiresAt.kept,
                createdAt: now.kept)
            try connection.execute(CouponSQL.insert, CouponRow.arguments(coupon, in: workspace))
            return coupon
        }
    }

    /// With 729 million codes a second attempt is rare; many in a row mean that `codes` is broken.
    private static func freeCode(
        _ codes: () -> CouponCode, of instanceID: UUID, now: Date, _ connection: any SQLConnection
    ) throws -> CouponCode {
        for _ in 0..<100 {
            let code = codes()
            let arguments: [SQLValue] = [.id(instanceID), .text(code.rawValue), .date(now)]
            if try connection.row(CouponSQL.holderOfCode, arguments) == nil { return code }
        }
        throw StoreError.conflict("No coupon code is free.")
    }
}

/// Statements on `coupons`.
enum CouponSQL {
    static let columns = "id, instance_id, schedule_id, code, expires_at, redeemed_at, created_at"

    static let validPage = """
        SELECT \(columns) FROM coupons
        WHERE instance_id = ?1 AND redeemed_at IS NULL AND (created_at, id) < (?2, ?3) AND expires_at > ?5
        ORDER BY created_at DESC, id DESC LIMIT ?4
        """
    static let insert = """
        INSERT INTO coupons (\(columns), workspace) VALUES (?1, ?2, ?3, ?4, ?5, NULL, ?6, ?7)
        """
    /// A used coupon holds its code until its time is over, because the coupon may be returned.
    static let holderOfCode = """
        SELECT id FROM coupons WHERE instance_id = ?1 AND code = ?2 AND expires_at > ?3 LIMIT 1
        """
    static let delete = "DELETE FROM coupons WHERE id = ?1 AND instance_id = ?2"
    static let deleteOld = """
        DELETE FROM coupons WHERE id IN (
            SELECT c.id FROM coupons c WHERE c.expires_at < ?1
                AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.id = c.session_id AND s.ended_at IS NULL)
                AND NOT EXISTS (
                    SELECT 1 FROM coupon_schedules p WHERE p.id = c.schedule_id AND p.last_run_at <= c.created_at)
            ORDER BY c.expires_at LIMIT ?2)
        """

    /// Every coupon of the workspace with the code, and the session that used it.
    static let candidates = """
        SELECT \(prefixed(columns, "c")), \(prefixed(SessionSQL.columns, "s"))
        FROM coupons c LEFT JOIN sessions s ON s.id = c.session_id
        WHERE c.code = ?1 AND c.workspace = ?2
        """
    /// Changes no row if another device has redeemed the coupon first.
    static let redeem = """
        UPDATE coupons SET redeemed_at = ?2, session_id = ?3 WHERE id = ?1 AND redeemed_at IS NULL AND expires_at > ?2
        """
    static let giveBack = "UPDATE coupons SET redeemed_at = NULL, session_id = NULL WHERE id = ?1 AND session_id = ?2"

    private static func prefixed(_ columns: String, _ table: String) -> String {
        columns.split(separator: ", ").map { "\(table).\($0)" }.joined(separator: ", ")
    }
}

/// A coupon as a row of `CouponSQL.columns`.
enum CouponRow {
    static func coupon(_ row: SQLRow) throws -> Coupon {
        var reader = RowReader(row)
        return try coupon(&reader)
    }

    static func coupon(_ reader: inout RowReader) throws -> Coupon {
        Coupon(
            id: try reader.id(), instanceID: try reader.id(), scheduleID: try reader.optional { try $0.id() },
            code: try CouponCode(typed: try reader.text()) ?? reader.damaged("coupon code"),
            expiresAt: try reader.date(), redeemedAt: try reader.optional { try $0.date() },
            createdAt: try reader.date())
    }

    static func arguments(_ coupon: Coupon, in workspace: SQLValue) -> [SQLValue] {
        [
            .id(coupon.id), .id(coupon.instanceID), .id(coupon.scheduleID), .text(coupon.code.rawValue),
            .date(coupon.expiresAt), .date(coupon.createdAt), workspace,
        ]
    }
}
