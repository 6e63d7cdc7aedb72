package import Foundation

/// The right to one session on one device, which a guest redeems by typing its code.
package struct Coupon: Sendable, Equatable, Identifiable {
    package let id: UUID
    package let instanceID: UUID
    /// The schedule that created it; nil if an admin did.
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

    /// Number of coupons that one call may create.
    package static let batchRange = 1...200
    /// Minutes of validity: at most ten years.
    package static let minutesValidRange = 1...5_256_000
}

/// The text on a coupon: six characters, chosen to be hard to confuse with one another.
package struct CouponCode: Sendable, Hashable {
    package let rawValue: String

    /// Letters and digits without `0 O 1 I L`.
    package static let alphabet = Array("23456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
    package static let length = 6

    /// Parses what a guest typed. Ignores case, spaces and hyphens. Returns nil unless six characters of the alphabet
    /// remain.
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

    /// Returns a code that cannot be predicted if `generator` is cryptographically secure.
    package static func random(using generator: inout some RandomNumberGenerator) -> CouponCode {
        let bytes = (0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
        return CouponCode(trusted: String(decoding: bytes, as: UTF8.self))
    }

    private init(trusted text: String) { rawValue = text }
}

extension CouponCode: CustomStringConvertible {
    /// Dots: a code gives access, so only `rawValue` reveals it.
    package var description: String { "••••••" }
}
