extension IPAddress {
    /// True for a unicast address of the public Internet: one that is not in IANA's registries of special-purpose
    /// addresses (RFC 6890). For an address that embeds an IPv4 address (IPv4-mapped, NAT64, 6to4), the embedded
    /// address decides.
    package var isPublic: Bool {
        switch unmapped {
        case .v4: return !Self.specialV4.contains { $0.contains(unmapped) }
        case .v6(0x0064_FF9B_0000_0000, let low) where low >> 32 == 0: return Self.v4(UInt32(low)).isPublic
        case .v6(let high, _) where high >> 48 == 0x2002: return Self.v4(UInt32(high >> 16 & 0xFFFF_FFFF)).isPublic
        case .v6(let high, _):
            return high >> 61 == 1 && !Self.specialV6.contains { $0.contains(self) }
        }
    }

    private static let specialV4 = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/3",
    ].compactMap { Subnet($0) }

    /// Special-purpose blocks inside 2000::/3, the only publicly routed part of IPv6.
    private static let specialV6 = ["2001::/23", "2001:db8::/32", "3fff::/20"].compactMap { Subnet($0) }
}
