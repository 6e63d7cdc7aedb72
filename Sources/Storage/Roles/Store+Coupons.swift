package import Captive
package import Foundation

extension Store: CouponStore {
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

    package func deleteCoupon(_ id: UUID, of instanceID: UUID) async throws -> Bool {
        try await database.write { try $0.execute(CouponSQL.delete, [.id(id), .id(instanceID)]) == 1 }
    }

    package func forgetCoupons(expiredBefore end: Date, limit: Int) async throws -> Int {
        try await database.write { try $0.execute(CouponSQL.forget, [.date(end), .integer(limit)]) }
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
