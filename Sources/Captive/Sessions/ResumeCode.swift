internal import Crypto
package import Foundation

/// The code by which a running session continues after the device's MAC address has changed: eight characters, chosen
/// to be hard to confuse with one another, shown on the status page as `K7QM-4XPD`.
package struct ResumeCode: Sendable, Hashable {
    package let rawValue: String
    private static let length = 8

    /// Parses what a guest typed. Ignores case, spaces and hyphens. Returns nil unless eight characters of the coupons'
    /// alphabet remain, so that no text is both a coupon code and a resume code.
    package init?(typed text: String) {
        let bytes = text.uppercased().utf8.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "-") }
        guard bytes.count == Self.length, bytes.allSatisfy(CouponCode.alphabet.contains) else { return nil }
        rawValue = String(decoding: bytes, as: UTF8.self)
    }

    fileprivate init(number: UInt64) {
        let base = UInt64(CouponCode.alphabet.count)
        var (rest, bytes) = (number, [UInt8]())
        for _ in 0..<Self.length {
            bytes.append(CouponCode.alphabet[Int(rest % base)])
            rest /= base
        }
        rawValue = String(decoding: bytes, as: UTF8.self)
    }

    /// The code in two groups, as a page shows it.
    package var shown: String { rawValue.prefix(4) + "-" + rawValue.suffix(4) }
}

extension ResumeCode: CustomStringConvertible {
    /// Dots: the code gives access to the session.
    package var description: String { "••••••••" }
}

/// Generates resume codes. A code is a keyed function of the session and its number of moves: codes are not stored,
/// each move changes the code, and the stored lookup value reveals nothing without the key.
package struct ResumeCodes: Sendable {
    private let keys: [(code: SymmetricKey, lookup: SymmetricKey)]

    /// Generates codes with the first of the sealer's keys, and recognises codes of all keys.
    package init(sealer: Sealer) {
        keys = Array(
            zip(sealer.derivedKeys(for: "resume-code"), sealer.derivedKeys(for: "resume-lookup"))
                .map { (code: $0.0, lookup: $0.1) })
    }

    /// The lookup value of a session after `moves` moves: 0 to 2⁶³−1.
    package func lookup(of sessionID: UUID, moves: Int) -> Int64 {
        Self.lookup(Self.code(sessionID, moves, keys[0].code), keys[0].lookup)
    }

    /// The possible lookup values of the session of `code`, one for each key.
    package func lookups(of code: ResumeCode) -> [Int64] { keys.map { Self.lookup(code, $0.lookup) } }

    /// The session's code; nil if it has none, or its key was removed.
    package func code(of session: GuestSession) -> ResumeCode? {
        guard let lookup = session.resumeLookup else { return nil }
        return keys.lazy.map { (Self.code(session.id, session.moves, $0.code), $0.lookup) }
            .first { Self.lookup($0.0, $0.1) == lookup }?.0
    }

    private static func code(_ sessionID: UUID, _ moves: Int, _ key: SymmetricKey) -> ResumeCode {
        var writer = MessageWriter()
        writer.write(sessionID)
        writer.write(UInt64(moves))
        return ResumeCode(number: number(writer.bytes, key))
    }

    private static func lookup(_ code: ResumeCode, _ key: SymmetricKey) -> Int64 {
        Int64(number(Array(code.rawValue.utf8), key) >> 1)
    }

    private static func number(_ message: [UInt8], _ key: SymmetricKey) -> UInt64 {
        HMAC<SHA256>.authenticationCode(for: message, using: key).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
