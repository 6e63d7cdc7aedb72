extension IPAddress {
    /// The address under which a client is counted: an IPv4 or IPv4-mapped address as IPv4; an IPv6 address with its
    /// last 64 bits cleared, because a host chooses those freely (RFC 4291 section 2.5.1, RFC 8981).
    package var countedAs: IPAddress {
        switch unmapped {
        case .v4: unmapped
        case .v6(let high, _): .v6(high, 0)
        }
    }
}
