import Captive
import Foundation
import HTTPServer

/// `/instances/{id}/coupons`.
struct CouponResource {
    let instances: any InstanceStore
    let coupons: any CouponStore
    let links: Links
    let clock: WallClock
    let codes: @Sendable () -> CouponCode

    var endpoints: [Endpoint] {
        [
            Endpoint(.get, "/instances/{id}/coupons", list), Endpoint(.post, "/instances/{id}/coupons", create),
            Endpoint(.delete, "/instances/{id}/coupons/{couponId}", delete),
        ]
    }

    /// Those that could still be redeemed.
    @Sendable private func list(_ call: Call) async throws -> Response {
        let request = try ListRequest(call.request, publicURL: links.publicURL)
        let instance = try await instance(of: call)
        let now = clock()
        return try await request.response({ .init(createdAt: $0.createdAt, id: $0.id) }, \.json) {
            try await coupons.validCoupons(of: instance.id, now: now, page: $0)
        }
    }

    @Sendable private func create(_ call: Call) async throws -> Response {
        var fields = try call.request.fields()
        let minutes = fields.required("minutes_valid", .integer(Coupon.minutesValidRange, "minutes"))
        let count = fields.required("count", .integer(Coupon.batchRange))
        try fields.finish()
        guard let minutes, let count else { throw APIError.missing("count") }
        let instance = try await instance(of: call)
        let now = clock()
        let made = try await coupons.createCoupons(
            count, for: instance.id, scheduleID: nil, expiresAt: now + TimeInterval(minutes * 60), now: now,
            codes: codes)
        return .json(.created, .array(made.map(\.json)))
    }

    @Sendable private func delete(_ call: Call) async throws -> Response {
        let id = try call.id("coupon", at: "couponId")
        guard try await coupons.deleteCoupon(id, of: instance(of: call).id) else {
            throw APIError.notFound("coupon")
        }
        return Response(.noContent)
    }

    private func instance(of call: Call) async throws -> Instance {
        guard let instance = try await instances.instance(call.id("instance"), in: call.workspace) else {
            throw APIError.notFound("instance")
        }
        return instance
    }
}

extension Coupon {
    fileprivate var json: JSONValue {
        [
            "id": .string(id.text), "code": .string(code.rawValue), "expires_at": JSONValue(expiresAt),
            "redeemed_at": JSONValue(redeemedAt), "created_at": JSONValue(createdAt),
        ]
    }
}
