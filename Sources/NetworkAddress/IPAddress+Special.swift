extension IPAddress {
    /// True for addresses that cannot belong to a router of a guest network: loopback, unspecified, link-local,
    /// multicast, broadcast, and the metadata services of cloud providers, which return credentials.
    ///
    /// For an address that embeds an IPv4 address (IPv4-mapped, IPv4-compatible, NAT64, 6to4), the embedded address
    /// decides. Sources: IANA's registries of special-purpose addresses and the manuals of the cloud providers.
    package var isLocalOrMetadata: Bool {
        if let embedded = embeddedV4 { return embedded.isLocalOrMetadata }
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

    /// The embedded IPv4 address of an IPv6 address (RFC 4291 section 2.5.5, RFC 6052, RFC 8215, RFC 3056); nil if
    /// there is none, and for `::` and `::1`.
    private var embeddedV4: IPAddress? {
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
