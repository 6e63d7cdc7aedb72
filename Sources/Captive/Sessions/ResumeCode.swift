internal import Crypto
package import Foundation

/// What lets a running session go on when the device's MAC address has changed: eight characters that are hard to
/// mistake for one another, shown on the status page as `K7QM-4XPD`.
package struct ResumeCode: Sendable, Hashable {
    package let rawValue: String
    private static let length = 8

    /// Reads what a guest typed: case, spaces and hyphens do not matter. Nil unless eight characters of the coupons'
    /// alphabet remain, so that no text is both a coupon's code and one of these.
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

    /// In two groups, as a page shows it.
    package var shown: String { rawValue.prefix(4) + "-" + rawValue.suffix(4) }
}

extension ResumeCode: CustomStringConvertible {
    /// Dots: who has the code has the session.
    package var description: String { "••••••••" }
}

/// Makes resume codes. A code is a keyed function of the session and of how often it has moved: none is kept, each move
/// makes a new one, and what the books keep to find it by tells nothing without the key.
package struct ResumeCodes: Sendable {
    private let keys: [(code: SymmetricKey, lookup: SymmetricKey)]

    /// Codes are made with the first of the sealer's keys, and known by all.
    package init(sealer: Sealer) {
        keys = Array(
            zip(sealer.derivedKeys(for: "resume-code"), sealer.derivedKeys(for: "resume-lookup"))
                .map { (code: $0.0, lookup: $0.1) })
    }

    /// What a session of that id is found by after `moves` moves: 0 to 2⁶³−1.
    package func lookup(of sessionID: UUID, moves: Int) -> Int64 {
        Self.lookup(Self.code(sessionID, moves, keys[0].code), keys[0].lookup)
    }

    /// What the session that `code` belongs to may be found by, one for each key.
    package func lookups(of code: ResumeCode) -> [Int64] { keys.map { Self.lookup(code, $0.lookup) } }

    /// The session's code; nil for one that has none, or whose key is gone.
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
