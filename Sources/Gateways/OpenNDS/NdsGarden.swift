internal import Captive

/// What openNDS opens for guests before they are let through, by its own settings.
struct NdsGarden: Equatable {
    /// Names in lower case; each stands for those below it, too.
    var names: [String]
    /// The TCP ports on which the names are open; empty if all are.
    var ports: [UInt16]
    /// Where guests are sent.
    var portal: String?

    /// Whether openNDS is known to open all that `rule` asks for. Blocks of addresses never are: `ndsctl` does not tell
    /// them. Where a rule is for all ports, that of web pages has to be open.
    func opens(_ rule: WalledGardenRule) -> Bool {
        isPortal(rule) || names(rule.destination) && isOpen(rule.port ?? Self.webPort)
    }

    /// Throws `.misconfigured` with the options to set, if `rules` are not all known to be open.
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
            "openNDS opens the way for guests by its own settings only; add to "
                + options.compactMap(\.self).joined(separator: " and to ") + " and restart it")
    }

    /// Nil if there is nothing to add.
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
