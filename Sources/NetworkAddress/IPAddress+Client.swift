extension IPAddress {
    /// The address under which a client is counted: an IPv4 address itself, also an IPv4-mapped one; of an IPv6 address
    /// its /64 with the last 64 bits zero, since a host chooses those freely (RFC 4291 section 2.5.1, RFC 8981).
    package var countedAs: IPAddress {
        switch unmapped {
        case .v4: unmapped
        case .v6(let high, _): .v6(high, 0)
        }
    }
}
