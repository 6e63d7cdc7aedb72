internal import Captive
internal import Foundation
internal import NetworkAddress

/// Generates scripts for `nft -f` that change a site's table (nft(8)). The kernel applies each script as one
/// transaction. Sets keep their elements when the rules are replaced.
struct NftRuleset: Sendable, Equatable {
    /// The site's `inet` table. Scripts never refer to another table.
    let table: String

    init(siteID: UUID) { table = Self.prefix + siteID.text.filter { $0 != "-" } }

    static let prefix = "portico_"
    /// Prefix of the comment of the rule with the fingerprint of the rules.
    static let mark = "portico "
    /// How long replies other than TCP reach a guest after its last packet, as with NAT (RFC 4787 section 4.3: no
    /// refresh from outside). After a session has ended, replies stop within this time.
    private static let recentTime = "5m"

    /// Creates or updates the table. Does not change the walled garden's chain.
    func base(for network: NftNetwork) -> String { text(lines(network, mark: Self.mark + fingerprint(of: network))) }

    /// Removes the table. Adds it first, because deleting a table that does not exist fails.
    var removal: String { text(["add table inet \(table)", "delete table inet \(table)"]) }

    /// The number of rules in `base`.
    func ruleCount(of network: NftNetwork) -> Int {
        lines(network, mark: "").count { $0.hasPrefix("add rule") }
    }

    private func lines(_ network: NftNetwork, mark: String) -> [String] {
        let kinds = [("4", "ip", "ipv4_addr"), ("6", "ip6", "ipv6_addr")]
        var lines = ["add table inet \(table)"]
        for set in ["guests", "windows"] { lines.append(add("set", "\(set) { type ether_addr; flags timeout; }")) }
        for (digit, _, type) in kinds {
            lines.append(
                add(
                    "set",
                    "recent\(digit) { type \(type); size 65536; flags dynamic,timeout; timeout \(Self.recentTime); }"))
        }
        lines += ["passed", "garden", "from_guests", "to_guests"].map { add("chain", $0) }
        lines.append(add("chain", "intercept { type nat hook prerouting priority dstnat - 1; policy accept; }"))
        lines.append(add("chain", "forward { type filter hook forward priority filter - 1; policy accept; }"))
        lines.append(add("chain", "input { type filter hook input priority filter - 1; policy accept; }"))
        // Logs responses of this machine's own resolver only, so that guests cannot add addresses to the walled garden.
        lines.append(add("chain", "names { type filter hook output priority filter; policy accept; }"))
        lines += ["passed", "from_guests", "to_guests", "intercept", "forward", "input", "names"].map {
            "flush chain inet \(table) \($0)"
        }
        for (digit, protocolName, _) in kinds {
            lines.append(rule("passed", "meta l4proto != tcp update @recent\(digit) { \(protocolName) saddr }"))
        }
        lines.append(rule("passed", "accept comment \"\(mark)\""))
        lines += intercept(network) + forward(network)
        lines.append(
            rule("names", "oifname \(interfaces(network)) udp sport 53 log group \(group) queue-threshold 1"))
        return lines
    }

    /// The group of the kernel's packet log for DNS responses to guests, different for each table.
    var group: UInt16 { UInt16(1_024 + Self.hash(table) % 64_000) }

    /// Identifies the content of `base`.
    func fingerprint(of network: NftNetwork) -> String {
        String(Self.hash(lines(network, mark: "").joined(separator: "\n")), radix: 16)
    }

    /// FNV-1a, 64 bits: stable across runs, unlike `Hasher`.
    private static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    private func intercept(_ network: NftNetwork) -> [String] {
        let captured = "iifname \(interfaces(network)) ether saddr != @guests tcp dport 80"
        // Browsers open connections in advance. A redirected connection from before the authorization would still lead
        // to the portal.
        let outdated = "iifname \(interfaces(network)) ether saddr @guests ct status dnat"
        return [
            rule("intercept", "\(captured) jump garden"),
            rule("intercept", "\(captured) ip saddr \(list(network.subnets)) \(network.target)"),
            rule("input", "\(outdated) tcp dport \(network.listener.port) reject with tcp reset"),
        ]
    }

    // Checks every packet, not only the first of a connection, so that open connections end with the session.
    private func forward(_ network: NftNetwork) -> [String] {
        let replies = "ct state established ct direction reply meta l4proto != tcp"
        return [
            rule("from_guests", "ether saddr @guests goto passed"),
            rule("from_guests", "jump garden"),
            // The address of the identity provider may just be resolved: drop instead of reject, so that the device
            // retries.
            rule("from_guests", "ether saddr @windows tcp dport 443 drop"),
            rule("from_guests", "meta l4proto tcp reject with tcp reset"),
            rule("from_guests", "reject with icmpx admin-prohibited"),
            rule("to_guests", "\(replies) ip daddr != @recent4 drop"),
            rule("to_guests", "\(replies) ip6 daddr != @recent6 drop"),
            rule("forward", "iifname \(interfaces(network)) goto from_guests"),
            rule("forward", "oifname \(interfaces(network)) goto to_guests"),
        ]
    }

    func rule(_ chain: String, _ text: String) -> String { add("rule", "\(chain) \(text)") }
    func add(_ kind: String, _ text: String) -> String { "add \(kind) inet \(table) \(text)" }
    func text(_ lines: [String]) -> String { lines.joined(separator: "\n") + "\n" }

    private func interfaces(_ network: NftNetwork) -> String {
        "{ " + network.interfaces.map { "\"\($0)\"" }.joined(separator: ", ") + " }"
    }

    private func list(_ subnets: [Subnet]) -> String {
        "{ " + subnets.map(\.description).joined(separator: ", ") + " }"
    }
}

/// The elements of sets.
extension NftRuleset {
    /// The sets of devices.
    enum DeviceSet: String {
        case guests, windows
    }

    /// Adds `device` to the set for `ttl` seconds from now, replacing an earlier timeout.
    func put(_ device: MACAddress, in set: DeviceSet, for ttl: Int) -> String {
        take(device, from: set) + "add element inet \(table) \(set.rawValue) { \(device) timeout \(ttl)s }\n"
    }

    /// Removes `device` from the set. Succeeds if it is not in the set.
    func take(_ device: MACAddress, from set: DeviceSet) -> String { without(device.description, in: set.rawValue) }

    /// Stops replies other than TCP to `addresses`.
    func stopReplies(to addresses: [IPAddress]) -> String {
        addresses.map { without($0.description, in: $0.bitWidth == 32 ? "recent4" : "recent6") }.joined()
    }

    /// Removes `element` from a set. Adds it first, because deleting an element that does not exist fails.
    func without(_ element: String, in set: String) -> String {
        text(["add", "delete"].map { "\($0) element inet \(table) \(set) { \(element) }" })
    }
}

/// A site's guest interfaces and subnets, and the listener to which requests are redirected.
struct NftNetwork: Sendable, Equatable {
    /// At least one.
    var interfaces: [String]
    /// IPv4, at least one, without overlaps.
    var subnets: [Subnet]
    var listener: GatewayContext.Listener

    /// The statement that redirects an intercepted request.
    var target: String {
        switch listener.ip {
        case .v4(0), .v6(0, 0): "redirect to :\(listener.port)"
        default: "dnat ip to \(listener.ip):\(listener.port)"
        }
    }
}
