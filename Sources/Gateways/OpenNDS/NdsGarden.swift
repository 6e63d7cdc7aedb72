internal import Captive

/// What openNDS opens for guests before they are let through, by its own settings.
struct NdsGarden: Equatable {
    /// Names in lower case; each stands for those below it, too.
    var names: [String]
    /// Where guests are sent.
    var portal: String?

    /// Whether openNDS is known to open all that `rule` asks for. Blocks of addresses never are: `ndsctl` does not tell
    /// them.
    func opens(_ rule: WalledGardenRule) -> Bool {
        if portal.flatMap(WalledGardenRule.Destination.init(text:)) == rule.destination { return true }
        guard let host = rule.destination.name else { return false }
        let name = host.hasPrefix("*.") ? String(host.dropFirst(2)) : host
        return names.contains { name == $0 || name.hasSuffix("." + $0) }
    }
}
