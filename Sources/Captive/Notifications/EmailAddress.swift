/// An e-mail address that needs no escaping in envelopes and header fields.
///
/// The dot-atom form of RFC 5321 section 4.1.2, in ASCII, with a domain of two or more labels: no quoted local part,
/// address literal or comment. It contains no space, line break, bracket, comma or quote. At most 254 bytes, 64 before
/// the `@` (RFC 5321 section 4.5.3.1).
package struct EmailAddress: Hashable, Sendable {
    private let text: String

    /// The part after the last `@`.
    package var domain: Substring { text.split(separator: "@").last ?? "" }

    private static let symbols = Set("!#$%&'*+-/=?^_`{|}~".utf8)

    private static func isLocalPart(_ text: Substring) -> Bool {
        let atoms = text.split(separator: ".", omittingEmptySubsequences: false)
        return (1...64).contains(text.utf8.count)
            && atoms.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { isAlphanumeric($0) || symbols.contains($0) } }
    }

    private static func isDomain(_ text: Substring) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        return labels.count >= 2
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
            }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte)
    }
}

extension EmailAddress: LosslessStringConvertible {
    /// Nil unless `text` is exactly one address.
    package init?(_ text: String) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, text.utf8.count <= 254, Self.isLocalPart(parts[0]), Self.isDomain(parts[1]) else {
            return nil
        }
        self.text = text
    }

    package var description: String { text }
}
