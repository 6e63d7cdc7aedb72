// NetworkAddress parses and formats IP addresses, subnets and MAC addresses, and parses numbers from external input. It
// performs no I/O and must not depend on portals or HTTP. Reading order: IPAddress, IPAddress+Reach, IPAddress+Special,
// IPAddress+Client, Subnet, MACAddress, ExternalNumbers.

/// An IPv4 or IPv6 address without port or zone.
///
/// Text forms: dotted quad without leading zeros for IPv4 (RFC 6943 section 3.1.1 has the reasons), RFC 4291 section
/// 2.2 for IPv6. Formatted according to RFC 5952.
package enum IPAddress: Hashable, Sendable {
    /// The address in host byte order.
    case v4(UInt32)
    /// Upper and lower half in host byte order.
    case v6(UInt64, UInt64)

    /// Parses `text`; returns nil unless it is exactly one address.
    package init?(_ text: some StringProtocol) {
        if text.utf8.contains(UInt8(ascii: ":")) {
            guard let address = IPAddress.parseV6(text) else { return nil }
            self = address
        } else {
            guard let value = IPAddress.parseV4(text) else { return nil }
            self = .v4(value)
        }
    }

    package static let loopback = IPAddress.v4(0x7F00_0001)

    /// The IPv4 address inside an IPv4-mapped IPv6 address (`::ffff:0:0/96`), else the address itself.
    package var unmapped: IPAddress {
        guard case .v6(0, let low) = self, low >> 32 == 0xFFFF else { return self }
        return .v4(UInt32(truncatingIfNeeded: low))
    }

    package var isLoopback: Bool {
        switch unmapped {
        case .v4(let value): value >> 24 == 127
        case .v6(let high, let low): high == 0 && low == 1
        }
    }

    private static func parseV4(_ text: some StringProtocol) -> UInt32? {
        var value: UInt32 = 0
        var octet: UInt32 = 0
        var digits = 0
        var dots = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: ".") {
                guard digits > 0, dots < 3 else { return nil }
                (value, octet, digits, dots) = (value << 8 | octet, 0, 0, dots + 1)
            } else {
                guard byte >= 0x30, byte <= 0x39, digits < 3, !(digits > 0 && octet == 0) else { return nil }
                octet = octet * 10 + UInt32(byte - 0x30)
                guard octet <= 255 else { return nil }
                digits += 1
            }
        }
        guard dots == 3, digits > 0 else { return nil }
        return value << 8 | octet
    }

    private static func parseV6(_ text: some StringProtocol) -> IPAddress? {
        var head: [UInt16] = []
        var tail: [UInt16]?
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 3, parts.count <= 9 else { return nil }
        for (index, part) in parts.enumerated() {
            let groups: [UInt16]
            if part.isEmpty {
                if index == 0 || index == parts.count - 1 {
                    guard parts[index == 0 ? 1 : index - 1].isEmpty else { return nil }
                    continue
                }
                guard tail == nil else { return nil }
                tail = []
                continue
            } else if part.utf8.contains(UInt8(ascii: ".")) {
                guard index == parts.count - 1, let v4 = parseV4(part) else { return nil }
                groups = [UInt16(v4 >> 16), UInt16(truncatingIfNeeded: v4)]
            } else {
                // Safe because four hexadecimal digits fit into 16 bits.
                guard part.utf8.count <= 4, part.allSatisfy(\.isHexDigit), let group = UInt16(part, radix: 16) else {
                    return nil
                }
                groups = [group]
            }
            if tail == nil { head += groups } else { tail?.append(contentsOf: groups) }
        }
        let missing = 8 - head.count - (tail?.count ?? 0)
        guard tail == nil ? missing == 0 : missing >= 1 else { return nil }
        let all = head + Array(repeating: 0, count: missing) + (tail ?? [])
        let halves = [all[0..<4], all[4..<8]].map { $0.reduce(UInt64(0)) { $0 << 16 | UInt64($1) } }
        return .v6(halves[0], halves[1])
    }
}

extension IPAddress: CustomStringConvertible, LosslessStringConvertible {
    package init?(_ description: String) { self.init(description[...]) }

    package var description: String {
        switch self {
        case .v4(let value):
            return "\(value >> 24).\(value >> 16 & 255).\(value >> 8 & 255).\(value & 255)"
        case .v6(0, let low) where low >> 32 == 0xFFFF:
            return "::ffff:\(IPAddress.v4(UInt32(truncatingIfNeeded: low)))"
        case .v6(let high, let low):
            return IPAddress.describe([high, low].flatMap { half in (0..<4).map { half >> (48 - 16 * $0) & 0xFFFF } })
        }
    }

    /// RFC 5952: lower case, no leading zeros, the first longest run of two or more zero groups as `::`.
    private static func describe(_ groups: [UInt64]) -> String {
        var best = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start > max(best.count, 1) { best = start..<end }
            start = max(end, start + 1)
        }
        let text = { (slice: ArraySlice<UInt64>) in slice.map { String($0, radix: 16) }.joined(separator: ":") }
        guard !best.isEmpty else { return text(groups[...]) }
        return text(groups[..<best.lowerBound]) + "::" + text(groups[best.upperBound...])
    }
}
