import Captive
import Foundation

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
