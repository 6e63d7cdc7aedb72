package import Foundation

/// A single-use code that lets one device in.
package struct Coupon: Sendable, Equatable, Identifiable {
    package let id: UUID
    package let instanceID: UUID
    /// The schedule that made it; nil when an admin asked for it.
    package let scheduleID: UUID?
    package let code: CouponCode
    package let expiresAt: Date
    package var redeemedAt: Date?
    package let createdAt: Date

    package init(
        id: UUID, instanceID: UUID, scheduleID: UUID? = nil, code: CouponCode, expiresAt: Date, redeemedAt: Date? = nil,
        createdAt: Date
    ) {
        self.id = id
        self.instanceID = instanceID
        self.scheduleID = scheduleID
        self.code = code
        self.expiresAt = expiresAt
        self.redeemedAt = redeemedAt
        self.createdAt = createdAt
    }

    /// Coupons that one call may make.
    package static let batchRange = 1...200
    /// Minutes of validity: to ten years.
    package static let minutesValidRange = 1...5_256_000
}

/// What is printed on a coupon: six characters that are hard to mistake for one another.
package struct CouponCode: Sendable, Hashable {
    package let rawValue: String

    /// Letters and digits without `0 O 1 I L`.
    package static let alphabet = Array("23456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
    package static let length = 6

    /// Reads what a guest typed: case, spaces and hyphens do not matter. Nil unless six characters of
    /// the alphabet remain.
    package init?(typed text: String) {
        var bytes: [UInt8] = []
        for byte in text.utf8 where byte != UInt8(ascii: " ") && byte != UInt8(ascii: "-") {
            let upper = (0x61...0x7A).contains(byte) ? byte - 32 : byte
            guard bytes.count < Self.length, Self.alphabet.contains(upper) else { return nil }
            bytes.append(upper)
        }
        guard bytes.count == Self.length else { return nil }
        rawValue = String(decoding: bytes, as: UTF8.self)
    }

    /// A code that nobody can foresee, if `generator` is cryptographically secure.
    package static func random(using generator: inout some RandomNumberGenerator) -> CouponCode {
        let bytes = (0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
        return CouponCode(trusted: String(decoding: bytes, as: UTF8.self))
    }

    private init(trusted text: String) { rawValue = text }
}

extension CouponCode: CustomStringConvertible {
    /// Dots: a code lets somebody in, so it is printed only where `rawValue` is asked for.
    package var description: String { "••••••" }
}

/// Keeps coupons.
package protocol CouponStore: Sendable {
    /// Those neither redeemed nor expired at `now`, newest first.
    func validCoupons(of instanceID: UUID, now: Date, page: ListPage) async throws -> [Coupon]
    /// Makes `count` coupons with codes that no valid coupon of the instance has. `codes` yields random ones.
    func createCoupons(
        _ count: Int, for instanceID: UUID, scheduleID: UUID?, expiresAt: Date, now: Date,
        codes: @Sendable @escaping () -> CouponCode
    ) async throws -> [Coupon]
    /// False if the instance has no such coupon. A running session keeps its time.
    func deleteCoupon(_ id: UUID, of instanceID: UUID) async throws -> Bool
    /// Deletes up to `limit` coupons, redeemed or not, that expired before `end`, the oldest first; returns how many.
    /// Those whose session runs stay, and those of a schedule's last run, which its figures count.
    func forgetCoupons(expiredBefore end: Date, limit: Int) async throws -> Int
}
