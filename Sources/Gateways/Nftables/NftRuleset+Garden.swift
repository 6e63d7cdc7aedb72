internal import Captive
internal import NetworkAddress

/// The walled garden: a chain of its own, with a rule for each block of addresses, and for each name two sets that hold
/// the addresses which the name has now.
extension NftRuleset {
    static let garden = "garden"
    /// Longest name that fits into a set's (nft takes 255 bytes, and long names are rare).
    private static let longestName = 240

    /// Makes the garden what `rules` say. `present`: the sets that are there; those of names that are in it no more go.
    func garden(_ rules: [WalledGardenRule], present: Set<String>) -> String {
        let names = Set(rules.compactMap(\.destination.name)).filter { $0.utf8.count <= Self.longestName }.sorted()
        let needed = names.flatMap { Self.sets(of: $0) }
        var lines = needed.map { add("set", "\($0.name) { type \($0.type); flags timeout; }") }
        lines.append("flush chain inet \(table) \(Self.garden)")
        lines += rules.flatMap { rule in
            destinations(of: rule).map { self.rule(Self.garden, "\($0) goto passed") }
        }
        let surplus = present.filter { Self.host(ofSet: "@" + $0) != nil }.subtracting(needed.map(\.name))
        lines += surplus.sorted().map { "delete set inet \(table) \($0)" }
        return text(lines)
    }

    /// `host`, exact or `*.`, has `addresses` for `seconds` from now at least. Fails if the garden
    /// does not hold the name.
    func learn(_ addresses: [IPAddress], of host: String, for seconds: Int) -> String {
        let sets = Self.sets(of: host)
        return addresses.map { address in
            let set = sets[address.bitWidth == 32 ? 0 : 1].name
            return without(address.description, in: set)
                + "add element inet \(table) \(set) { \(address) timeout \(seconds)s }\n"
        }.joined()
    }

    /// The host, exact or `*.`, whose addresses a set holds, named as a rule names sets; nil for other sets.
    static func host(ofSet reference: String) -> String? {
        for prefix in ["@name4_", "@name6_"] where reference.hasPrefix(prefix) {
            return String(reference.dropFirst(prefix.count))
        }
        for prefix in ["@below4_", "@below6_"] where reference.hasPrefix(prefix) {
            return "*." + reference.dropFirst(prefix.count)
        }
        return nil
    }

    private static func sets(of host: String) -> [(name: String, type: String)] {
        let isWildcard = host.hasPrefix("*.")
        let (kind, name) = isWildcard ? ("below", String(host.dropFirst(2))) : ("name", host)
        return [("\(kind)4_\(name)", "ipv4_addr"), ("\(kind)6_\(name)", "ipv6_addr")]
    }

    private func destinations(of rule: WalledGardenRule) -> [String] {
        let port = rule.port.map { " tcp dport \($0)" } ?? ""
        switch rule.destination {
        case .subnet(let subnet):
            return ["\(subnet.base.bitWidth == 32 ? "ip" : "ip6") daddr \(subnet)\(port)"]
        case .host(let host):
            guard host.utf8.count <= Self.longestName else { return [] }
            let sets = Self.sets(of: host.lowercased())
            return ["ip daddr @\(sets[0].name)\(port)", "ip6 daddr @\(sets[1].name)\(port)"]
        }
    }
}

extension WalledGardenRule.Destination {
    /// In lower case; nil for a block of addresses.
    var name: String? {
        if case .host(let name) = self { name.lowercased() } else { nil }
    }
}
