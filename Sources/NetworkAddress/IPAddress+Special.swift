extension IPAddress {
    /// True where no router of a guest network is: this machine (loopback and unspecified addresses), its link
    /// (link-local), groups (multicast, broadcast), and the services in which clouds tell a machine its secrets.
    ///
    /// An address that carries an IPv4 address to a translator or through a tunnel (mapped, compatible, NAT64, 6to4) is
    /// judged as that one. Source: IANA's registries of special-purpose addresses, and the clouds' manuals.
    package var isLocalOrMetadata: Bool {
        if let carried = carriedV4 { return carried.isLocalOrMetadata }
        return Self.localAndMetadata.contains { $0.contains(self) }
    }

    private static let localAndMetadata = [
        "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3",
        // Alibaba Cloud, Oracle Cloud, Azure's platform address.
        "100.100.100.200/32", "192.0.0.192/32", "168.63.129.16/32",
        "::/128", "::1/128", "fe80::/10", "fec0::/10", "ff00::/8",
        // EC2, Compute Engine.
        "fd00:ec2::254/128", "fd20:ce::254/128",
    ].compactMap { Subnet($0) }

    /// The IPv4 address that an IPv6 address carries (RFC 4291 section 2.5.5, RFC 6052, RFC 8215, RFC 3056); nil for
    /// others, and for `::` and `::1`.
    private var carriedV4: IPAddress? {
        switch self {
        case .v4: nil
        case .v6(0, let low) where low >> 32 == 0xFFFF || (low >> 32 == 0 && low > 1): .v4(UInt32(low & 0xFFFF_FFFF))
        case .v6(0x0064_FF9B_0000_0000, let low) where low >> 32 == 0: .v4(UInt32(low))
        case .v6(let high, let low) where high >> 16 == 0x0064_FF9B_0001: .v4(UInt32(low & 0xFFFF_FFFF))
        case .v6(let high, _) where high >> 48 == 0x2002: .v4(UInt32(high >> 16 & 0xFFFF_FFFF))
        case .v6: nil
        }
    }
}
