/// A sequence of adjacent digits of a MAC address, for searching: `aa:bb`, `AABB`, `ee-01`, `CCDD.EE`.
package struct MACAddressPart: Hashable, Sendable {
    /// The digits as a number; the last digit is in the low four bits.
    package let value: UInt64
    /// Number of digits: 4 to 11. Fewer digits would match too many addresses.
    package let count: Int
    /// The possible positions in an address, as the number of bits to the right.
    package let shifts: [Int]

    /// Returns nil unless `text` is a part of an address. If `text` has separators, it matches only where an address
    /// has separators at the same positions.
    package init?(_ text: String) {
        let separators = Set(text.filter { ":-.".contains($0) })
        guard separators.count <= 1 else { return nil }
        let groups = text.split(omittingEmptySubsequences: false) { separators.contains($0) }
        let digits = groups.joined()
        guard (4...11).contains(digits.utf8.count), digits.utf8.allSatisfy(Self.isDigit),
            // Safe because eleven hexadecimal digits are 44 bits.
            let value = UInt64(digits, radix: 16)
        else { return nil }
        let size = separators.isEmpty ? 1 : separators == ["."] ? 4 : 2
        if !separators.isEmpty {
            guard groups.allSatisfy({ $0.count <= size }),
                groups.dropFirst().dropLast().allSatisfy({ $0.count == size })
            else { return nil }
        }
        self.value = value
        let count = digits.utf8.count
        self.count = count
        let first = separators.isEmpty ? 0 : groups.first?.count ?? 0
        shifts = (0...(12 - count)).filter { ($0 + first) % size == 0 }.map { (12 - count - $0) * 4 }
    }

    /// Whether `address` contains these digits.
    package func isPart(of address: MACAddress) -> Bool {
        shifts.contains { address.rawValue >> UInt64($0) & mask == value }
    }

    /// A mask of the low bits that the digits occupy.
    package var mask: UInt64 { 1 << (4 * UInt64(count)) - 1 }

    private static func isDigit(_ byte: UInt8) -> Bool { Character(Unicode.Scalar(byte)).isHexDigit }
}
