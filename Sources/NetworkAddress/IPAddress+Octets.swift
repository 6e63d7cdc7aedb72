/// Conversion from and to bytes.
extension IPAddress {
    /// 4 or 16 bytes in network order.
    package var octets: [UInt8] {
        switch self {
        case .v4(let value): Self.bytes(UInt64(value), 4)
        case .v6(let high, let low): Self.bytes(high, 8) + Self.bytes(low, 8)
        }
    }

    /// Returns nil unless there are 4 or 16 octets.
    package init?(octets: some Collection<UInt8>) {
        switch octets.count {
        case 4: self = .v4(UInt32(Self.number(octets)))
        case 16: self = .v6(Self.number(octets.prefix(8)), Self.number(octets.suffix(8)))
        default: return nil
        }
    }

    private static func number(_ octets: some Collection<UInt8>) -> UInt64 {
        octets.reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func bytes(_ value: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64(count - 1 - $0))) }
    }
}
