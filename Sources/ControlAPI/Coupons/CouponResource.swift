import Captive
import Foundation
import HTTPServer
import Storage

/// `/instances/{instanceId}/coupons`.
struct CouponResource {
    let store: Store
    let clock: WallClock
    let codes: @Sendable () -> CouponCode

    var section: Section {
        let path = "/instances/{instanceId}/coupons"
        return Section(
            "Coupons", "Codes for instances that use the `coupon` strategy. Each code is for one device.",
            [
                .list(path, "listCoupons", "List coupons that can still be redeemed", Coupon.shape) {
                    try await store.validCoupons(of: instance(of: $0).id, now: clock(), page: $1)
                },
                .post(path, "createCoupons", "Create coupons", Batch.input, .all(Coupon.shape), create),
                .delete(
                    path + "/{couponId}", "deleteCoupon", "Delete a coupon; active sessions are not affected", delete),
            ])
    }

    /// The body of a POST: the number of coupons and their validity.
    private struct Batch {
        let minutes: Int
        let count: Int

        static let input = Input("CouponBatch") { fields in
            let minutes = fields.required(
                "minutes_valid", .integer(Coupon.minutesValidRange, "minutes"),
                "Minutes from now during which the coupons can be redeemed.")
            let count = fields.required("count", .integer(Coupon.batchRange), "Number of coupons to create.")
            return minutes.flatMap { minutes in count.map { Batch(minutes: minutes, count: $0) } }
        }
    }

    @Sendable private func create(_ call: Call, _ batch: Batch) async throws -> [Coupon] {
        let instance = try await instance(of: call)
        let now = clock()
        return try await store.createCoupons(
            batch.count, for: instance.id, scheduleID: nil, expiresAt: now + TimeInterval(batch.minutes * 60),
            now: now, codes: codes)
    }

    @Sendable private func delete(_ call: Call) async throws {
        guard try await store.deleteCoupon(call.id("couponId"), of: instance(of: call).id) else {
            throw APIError.notFound("coupon")
        }
    }

    private func instance(of call: Call) async throws -> Instance {
        guard let instance = try await store.instance(call.id("instanceId"), in: call.workspace) else {
            throw APIError.notFound("instance")
        }
        return instance
    }
}

extension Coupon: Pageable, Shaped {
    static let shape = Shape<Coupon>(
        "Coupon",
        [
            .init("id", "The coupon's ID.") { $0.id },
            .init(
                "code", "The code that the guest enters. Case, spaces and hyphens are ignored.",
                schema: CouponCode.schema
            ) {
                $0.code.rawValue
            },
            .init("expires_at", "When the coupon expires.") { $0.expiresAt },
            .init("redeemed_at", "When the coupon was redeemed; null if it was not.") { $0.redeemedAt },
            .init("created_at", "When the coupon was created.") { $0.createdAt },
        ])
}

extension CouponCode {
    fileprivate static var schema: Schema {
        ["type": "string", "pattern": "^[2-9A-HJKMNP-TV-Z]{6}$", "examples": ["8B7W3D"]]
    }
}
