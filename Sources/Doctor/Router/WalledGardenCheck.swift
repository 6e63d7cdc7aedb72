internal import Captive
internal import NetworkAddress

/// Whether the router holds the walled garden that the books say it should.
struct WalledGardenCheck {
    let wanted: WalledGarden

    /// `held`: the portal's own rules on the router.
    func finding(_ held: [WalledGardenRule]) -> Finding {
        let missing = wanted.items.filter { !held.contains($0.rule) }
        let surplus = held.filter { !wanted.rules.contains($0) }
        if !missing.isEmpty {
            return Finding(
                .routerGarden, .warning, "The router's walled garden lacks what guests need before they sign in.",
                remedy: "The portal puts it in place within 15 s while it runs; if it stays so, read the portal's log.",
                evidence: missing.map { "\($0.rule.text), for \($0.reasons.map(\.text).joined(separator: " and "))" })
        }
        guard surplus.isEmpty else {
            return Finding(
                .routerGarden, .advice, "The router's walled garden opens more than the books say.",
                remedy: "The portal takes it away while it runs; if it stays so, read the portal's log.",
                evidence: surplus.map(\.text))
        }
        return Finding(
            .routerGarden, .ok, "The walled garden is in place.", evidence: ["\(wanted.items.count) entries"])
    }
}

extension WalledGardenRule {
    fileprivate var text: String {
        let place =
            switch destination {
            case .subnet(let subnet): subnet.description
            case .host(let name): name
            }
        return place + (port.map { " port \($0)" } ?? "")
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
