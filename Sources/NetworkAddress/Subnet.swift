/// A block of addresses in CIDR notation (RFC 4632, RFC 4291 section 2.3), with its host bits cleared.
package struct Subnet: Hashable, Sendable {
    /// The lowest address of the block.
    package let base: IPAddress
    /// Number of leading bits that all addresses of the block share: 0 to 32 for IPv4, 0 to 128 for IPv6.
    package let prefixLength: Int

    /// The block with `prefixLength` leading bits that contains `address`; nil if the length exceeds the family's.
    package init?(_ address: IPAddress, prefixLength: Int) {
        switch address {
        case .v4(let value):
            guard (0...32).contains(prefixLength) else { return nil }
            base = .v4(prefixLength == 0 ? 0 : value & ~0 << (32 - UInt32(prefixLength)))
        case .v6(let high, let low):
            guard (0...128).contains(prefixLength) else { return nil }
            let highBits = min(prefixLength, 64)
            let lowBits = max(prefixLength - 64, 0)
            base = .v6(
                highBits == 0 ? 0 : high & ~0 << (64 - UInt64(highBits)),
                lowBits == 0 ? 0 : low & ~0 << (64 - UInt64(lowBits)))
        }
        self.prefixLength = prefixLength
    }

    /// Parses `ADDRESS/LENGTH`, or an address as a block of one. Clears host bits. Returns nil for a length with
    /// leading zeros, which some programs read as octal.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(first), parts.count <= 2 else { return nil }
        guard parts.count == 2 else {
            self.init(address, prefixLength: address.bitWidth)
            return
        }
        guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), parts[1].utf8.count <= 3,
            let length = Int(parts[1], in: 0...128), parts[1] == "0" || parts[1].first != "0"
        else { return nil }
        self.init(address, prefixLength: length)
    }

    /// Whether the block contains `address`; false for the other address family.
    package func contains(_ address: IPAddress) -> Bool {
        Subnet(address, prefixLength: prefixLength)?.base == base && address.bitWidth == base.bitWidth
    }

    /// Whether any address is in both blocks.
    package func overlaps(_ other: Subnet) -> Bool {
        prefixLength <= other.prefixLength ? contains(other.base) : other.contains(base)
    }
}

extension Subnet: CustomStringConvertible, LosslessStringConvertible {
    package init?(_ description: String) { self.init(description[...]) }
    package var description: String { "\(base)/\(prefixLength)" }
}

extension IPAddress {
    /// 32 or 128.
    package var bitWidth: Int {
        if case .v4 = self { 32 } else { 128 }
    }
}
