import Captive
import Foundation
import HTTPServer

/// `/instances/{instanceId}/coupons`.
struct CouponResource {
    let instances: any InstanceStore
    let coupons: any CouponStore
    let clock: WallClock
    let codes: @Sendable () -> CouponCode

    var section: Section {
        let path = "/instances/{instanceId}/coupons"
        return Section(
            "Coupons", "Codes for the instances of strategy `coupon`, each for one device.",
            [
                .list(path, "listCoupons", "Lists the coupons that could still be redeemed.", Coupon.shape) {
                    try await coupons.validCoupons(of: instance(of: $0).id, now: clock(), page: $1)
                },
                .post(path, "createCoupons", "Makes a batch of coupons.", Batch.input, .all(Coupon.shape), create),
                .delete(path + "/{couponId}", "deleteCoupon", "Deletes a coupon, which ends no session.", delete),
            ])
    }

    /// How many coupons a body asks for, and how long they should be valid.
    private struct Batch {
        let minutes: Int
        let count: Int

        static let input = Input("CouponBatch") { fields in
            let minutes = fields.required(
                "minutes_valid", .integer(Coupon.minutesValidRange, "minutes"),
                "For how many minutes from now on the coupons can be redeemed.")
            let count = fields.required("count", .integer(Coupon.batchRange), "How many coupons to make.")
            return minutes.flatMap { minutes in count.map { Batch(minutes: minutes, count: $0) } }
        }
    }

    @Sendable private func create(_ call: Call, _ batch: Batch) async throws -> [Coupon] {
        let instance = try await instance(of: call)
        let now = clock()
        return try await coupons.createCoupons(
            batch.count, for: instance.id, scheduleID: nil, expiresAt: now + TimeInterval(batch.minutes * 60),
            now: now, codes: codes)
    }

    @Sendable private func delete(_ call: Call) async throws {
        guard try await coupons.deleteCoupon(call.id("couponId"), of: instance(of: call).id) else {
            throw APIError.notFound("coupon")
        }
    }

    private func instance(of call: Call) async throws -> Instance {
        guard let instance = try await instances.instance(call.id("instanceId"), in: call.workspace) else {
            throw APIError.notFound("instance")
        }
        return instance
    }
}

extension Coupon: Listed, Shaped {
    static let shape = Shape<Coupon>(
        "Coupon",
        [
            .init("id", "The coupon's ID.") { $0.id },
            .init("code", "What the guest enters; case, spaces and hyphens do not matter.", schema: CouponCode.schema) {
                $0.code.rawValue
            },
            .init("expires_at", "Until when it can be redeemed.") { $0.expiresAt },
            .init("redeemed_at", "When it was redeemed; null until then.") { $0.redeemedAt },
            .init("created_at", "When it was made.") { $0.createdAt },
        ])
}

extension CouponCode {
    fileprivate static var schema: Schema {
        ["type": "string", "pattern": "^[2-9A-HJKMNP-TV-Z]{6}$", "examples": ["8B7W3D"]]
    }
}
