/// A 48-bit MAC address.
///
/// Parses `AA:BB:…`, `AA-BB-…`, `AABB.CCDD.EEFF` and twelve digits without separators, in any case. Formats as upper
/// case with colons, as RouterOS does.
package struct MACAddress: Hashable, Sendable {
    /// The address in the low 48 bits.
    package let rawValue: UInt64

    /// Returns nil if a bit above the low 48 is set.
    package init?(rawValue: UInt64) {
        guard rawValue >> 48 == 0 else { return nil }
        self.rawValue = rawValue
    }

    /// Parses `text`; returns nil unless it is six octets in one of the forms above.
    package init?(_ text: some StringProtocol) {
        var digits = text.utf8.makeIterator()
        var value: UInt64 = 0
        var count = 0
        var separators: [Int] = []
        while let byte = digits.next() {
            if byte == 0x3A || byte == 0x2D || byte == 0x2E {
                separators.append(count)
                continue
            }
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, count < 12 else { return nil }
            value = value << 4 | UInt64(digit)
            count += 1
        }
        guard count == 12, separators.isEmpty || separators == [4, 8] || separators == [2, 4, 6, 8, 10] else {
            return nil
        }
        rawValue = value
    }
}

extension MACAddress: CustomStringConvertible, LosslessStringConvertible {
    package init?(_ description: String) { self.init(description[...]) }

    package var description: String {
        let hex = Array("0123456789ABCDEF".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(17)
        for octet in 0..<6 {
            let byte = Int(truncatingIfNeeded: rawValue >> (40 - 8 * UInt64(octet))) & 0xFF
            if octet > 0 { text.append(UInt8(ascii: ":")) }
            text.append(hex[byte >> 4])
            text.append(hex[byte & 15])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
