internal import Captive
internal import Foundation
internal import NetworkAddress

/// The text, for `nft -f`, of a site's own table (nft(8)). Every text is one transaction of the kernel's: all of it or
/// nothing. Sets keep their elements when the rules are written anew.
struct NftRuleset: Sendable, Equatable {
    /// `inet` table of one site; no other table is ever named.
    let table: String

    init(siteID: UUID) { table = Self.prefix + siteID.text.filter { $0 != "-" } }

    static let prefix = "portico_"
    /// Begins the comment of the rule that tells which rules the table holds.
    static let mark = "portico "
    /// Seconds for which replies that are not TCP reach a guest after its last packet, as NAT does it (RFC 4787 section
    /// 4.3: no refresh from outside). So nothing is sent for long to a guest who may send nothing any more.
    private static let recentTime = "5m"

    /// Makes the table, or brings one that is there to this state. The garden's chain is left as it is.
    func base(for network: NftNetwork) -> String { text(lines(network, mark: Self.mark + fingerprint(of: network))) }

    /// Removes the table. Deleting alone would fail where there is none.
    var end: String { text(["add table inet \(table)", "delete table inet \(table)"]) }

    /// How many rules `base` writes.
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
        // Only answers of this machine's own resolver: nobody else can put an address under a name of the garden.
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

    /// The group of the kernel's packet log on which guests' DNS answers come: one for each table.
    var group: UInt16 { UInt16(1_024 + Self.hash(table) % 64_000) }

    /// Tells one state of `base` from another.
    func fingerprint(of network: NftNetwork) -> String {
        String(Self.hash(lines(network, mark: "").joined(separator: "\n")), radix: 16)
    }

    /// FNV-1a, 64 bits: the same in every run.
    private static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    private func intercept(_ network: NftNetwork) -> [String] {
        let captured = "iifname \(interfaces(network)) ether saddr != @guests tcp dport 80"
        // Browsers open connections in advance. One from before would bring a guest who is let
        // through back to the portal.
        let outdated = "iifname \(interfaces(network)) ether saddr @guests ct status dnat"
        return [
            rule("intercept", "\(captured) jump garden"),
            rule("intercept", "\(captured) ip saddr \(list(network.subnets)) \(network.target)"),
            rule("input", "\(outdated) tcp dport \(network.listener.port) reject with tcp reset"),
        ]
    }

    // Every packet of a guest is checked, not only the first of a connection: a guest whose time is over is cut off
    // in the middle of one.
    private func forward(_ network: NftNetwork) -> [String] {
        let replies = "ct state established ct direction reply meta l4proto != tcp"
        return [
            rule("from_guests", "ether saddr @guests goto passed"),
            rule("from_guests", "jump garden"),
            // The address that the sign-in needs may be learned at this moment: the device tries again.
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

    /// `device` is in the set for `ttl` seconds from now, however long it was to be in it before.
    func put(_ device: MACAddress, in set: DeviceSet, for ttl: Int) -> String {
        take(device, from: set) + "add element inet \(table) \(set.rawValue) { \(device) timeout \(ttl)s }\n"
    }

    /// `device` is not in the set. Deleting alone would fail for one that is not.
    func take(_ device: MACAddress, from set: DeviceSet) -> String { without(device.description, in: set.rawValue) }

    /// Replies other than TCP reach none of `addresses` any more.
    func silence(_ addresses: [IPAddress]) -> String {
        addresses.map { without($0.description, in: $0.bitWidth == 32 ? "recent4" : "recent6") }.joined()
    }

    func without(_ element: String, in set: String) -> String {
        text(["add", "delete"].map { "\($0) element inet \(table) \(set) { \(element) }" })
    }
}

/// Where a site's guests come in, and where the portal takes their first requests.
struct NftNetwork: Sendable, Equatable {
    /// At least one.
    var interfaces: [String]
    /// IPv4, at least one, none within another.
    var subnets: [Subnet]
    var listener: GatewaySurroundings.Listener

    /// What happens to an intercepted request.
    var target: String {
        switch listener.ip {
        case .v4(0), .v6(0, 0): "redirect to :\(listener.port)"
        default: "dnat ip to \(listener.ip):\(listener.port)"
        }
    }
}
