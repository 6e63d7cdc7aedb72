internal import Captive

/// openNDS's walled garden, which only openNDS's settings can change.
struct NdsWalledGarden: Equatable {
    /// Names in lower case. Each includes its subdomains.
    var names: [String]
    /// The TCP ports on which the names are open; empty if all are.
    var ports: [UInt16]
    /// The host of the portal.
    var portal: String?

    /// Whether openNDS is known to open `rule`. Address blocks never are, because `ndsctl` does not list them. For a
    /// rule without a port, port 443 has to be open.
    func opens(_ rule: WalledGardenRule) -> Bool {
        isPortal(rule) || names(rule.destination) && isOpen(rule.port ?? Self.webPort)
    }

    /// Throws `.misconfigured` with the options to set unless all `rules` are known to be open.
    func check(_ rules: [WalledGardenRule]) throws(GatewayError) {
        let missing = rules.filter { !opens($0) }
        guard !missing.isEmpty else { return }
        let unnamed = missing.map(\.destination).filter { !names($0) }
        let ports = missing.filter { $0.destination.name != nil }.map { $0.port ?? Self.webPort }
        let options = [
            Self.advice("walledgarden_fqdn_list", unnamed.compactMap(\.name)),
            Self.advice("walledgarden_port_list", ports.filter { !isOpen($0) }.map(String.init)),
            Self.advice(
                "FirewallRuleSet preauthenticated-users, which the portal cannot see,",
                unnamed.filter { $0.name == nil }.map(\.text)),
        ]
        throw .misconfigured(
            "the walled garden of openNDS is set by its own options only; add to "
                + options.compactMap(\.self).joined(separator: " and to ") + " and restart it")
    }

    /// Returns nil if there is nothing to add.
    private static func advice(_ option: String, _ values: [String]) -> String? {
        values.isEmpty ? nil : "\(option) (\(Set(values).sorted().joined(separator: " ")))"
    }

    private func isPortal(_ rule: WalledGardenRule) -> Bool {
        portal.flatMap(WalledGardenRule.Destination.init(text:)) == rule.destination
    }

    private func names(_ destination: WalledGardenRule.Destination) -> Bool {
        guard let host = destination.name else { return false }
        let name = host.hasPrefix("*.") ? String(host.dropFirst(2)) : host
        return names.contains { name == $0 || name.hasSuffix("." + $0) }
    }

    private func isOpen(_ port: UInt16) -> Bool { ports.isEmpty || ports.contains(port) }

    private static let webPort: UInt16 = 443
}
