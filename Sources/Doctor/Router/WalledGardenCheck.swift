internal import Captive
internal import NetworkAddress

/// Compares the router's walled garden with the desired one.
struct WalledGardenCheck {
    let desired: WalledGarden

    /// `actual`: the rules on the router that the portal owns.
    func finding(_ actual: [WalledGardenRule]) -> Finding {
        let missing = desired.items.filter { !actual.contains($0.rule) }
        let surplus = actual.filter { !desired.rules.contains($0) }
        if !missing.isEmpty {
            return Finding(
                .routerGarden, .warning, "The router's walled garden lacks hosts that guests need before they sign in.",
                remedy: "A running portal corrects this within 15 s; if it persists, read the portal's log.",
                evidence: missing.map { "\($0.rule.text), for \($0.reasons.map(\.text).joined(separator: " and "))" })
        }
        guard surplus.isEmpty else {
            return Finding(
                .routerGarden, .advice, "The router's walled garden has more entries than configured.",
                remedy: "A running portal removes them; if they persist, read the portal's log.",
                evidence: surplus.map(\.text))
        }
        return Finding(
            .routerGarden, .ok, "The walled garden is complete.", evidence: ["\(desired.items.count) entries"])
    }
}

extension WalledGardenRule {
    fileprivate var text: String {
        let target =
            switch destination {
            case .subnet(let subnet): subnet.description
            case .host(let name): name
            }
        return target + (port.map { " port \($0)" } ?? "")
    }
}

extension WalledGarden.Reason {
    fileprivate var text: String {
        switch self {
        case .portal: "the portal"
        case .provider(let provider): provider.rawValue
        case .entry: "an admin's entry"
        }
    }
}
