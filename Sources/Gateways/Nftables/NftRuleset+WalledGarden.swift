internal import Captive
internal import NetworkAddress

/// The walled garden: a separate chain with a rule for each address block, and for each host name two sets with its
/// current addresses.
extension NftRuleset {
    static let garden = "garden"
    /// The longest host name that fits into the name of a set (nft accepts 255 bytes).
    private static let longestName = 240

    /// Replaces the walled garden with `rules`. `present`: the existing sets; those of removed names are deleted.
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

    /// Adds `addresses` to the sets of `host`, exact or `*.`, for `seconds` from now. Fails if the walled garden does
    /// not contain the host.
    func addAddresses(_ addresses: [IPAddress], of host: String, for seconds: Int) -> String {
        let sets = Self.sets(of: host)
        return addresses.map { address in
            let set = sets[address.bitWidth == 32 ? 0 : 1].name
            return without(address.description, in: set)
                + "add element inet \(table) \(set) { \(address) timeout \(seconds)s }\n"
        }.joined()
    }

    /// Returns the host, exact or `*.`, of a set. `reference`: the set's name as in a rule, with `@`. Returns nil for
    /// other sets.
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
    /// The host name in lower case; nil for an address block.
    var name: String? {
        if case .host(let name) = self { name.lowercased() } else { nil }
    }
}
