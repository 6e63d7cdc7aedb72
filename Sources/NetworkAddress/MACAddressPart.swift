/// Some adjacent digits of MAC addresses, as people write them: `aa:bb`, `AABB`, `ee-01`, `CCDD.EE`.
package struct MACAddressPart: Hashable, Sendable {
    /// The digits, the last one in the low four bits.
    package let value: UInt64
    /// How many digits it has: 4 to 11. With fewer, too many addresses have it.
    package let count: Int
    /// For each place in an address where it may be: how many bits are to the right of it.
    package let shifts: [Int]

    /// Where digits are separated, an address is separated at the same places. Nil unless `text` is a part of an
    /// address.
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

    /// Whether `address` has these digits.
    package func isPart(of address: MACAddress) -> Bool {
        shifts.contains { address.rawValue >> UInt64($0) & mask == value }
    }

    /// As many low bits as the digits take.
    package var mask: UInt64 { 1 << (4 * UInt64(count)) - 1 }

    private static func isDigit(_ byte: UInt8) -> Bool { Character(Unicode.Scalar(byte)).isHexDigit }
}
