import Captive
import Foundation

/// What a site's router should hold, why, and whether it does.
struct WalledGardenState: Shaped {
    /// What the router said just now.
    enum Answer {
        case held(Set<WalledGardenRule>)
        case failing(GatewayError)
        /// There is no router to ask.
        case unguarded
    }

    private let garden: WalledGarden
    private let record: WalledGardenStatus
    private let held: Set<WalledGardenRule>?
    private let status: Status
    private let problem: GatewayError?

    private enum Status: String, CaseIterable, JSONRepresentable {
        case inSync = "in_sync"
        case outOfSync = "out_of_sync"
        case failing, unguarded
    }

    init(_ garden: WalledGarden, _ record: WalledGardenStatus, _ answer: Answer) {
        self.garden = garden
        self.record = record
        switch answer {
        case .held(let rules):
            (held, problem) = (rules, record.problem)
            status = rules == Set(garden.rules) ? .inSync : .outOfSync
        case .failing(let failure): (held, problem, status) = (nil, failure, .failing)
        case .unguarded: (held, problem, status) = (nil, nil, .unguarded)
        }
    }

    static let shape = Shape<WalledGardenState>(
        "WalledGardenState",
        [
            .init("status", "`unguarded` where no router guards the site, `failing` where it does not say.") {
                $0.status
            },
            .init("in_sync", "Whether the router holds just what it should.") { $0.status == .inSync },
            .init("reason", "What is the matter, as a stable word.") { $0.problem?.reason },
            .init("explanation", "What is the matter, and what to do, for people.") { $0.problem?.explanation },
            .init("applied_at", "When this node last saw the router confirm all of it.") { $0.record.appliedAt },
            .init("rules", "What the router should hold.") { $0.rules },
            .init("surplus", "What it holds by the portal's mark, and should not.") { $0.surplus },
        ])

    private var rules: [WalledGardenRuleState] {
        garden.items.map { item in
            WalledGardenRuleState(
                rule: item.rule, reasons: item.reasons.map(WalledGardenReason.init),
                isHeld: held?.contains(item.rule))
        }
    }

    private var surplus: [WalledGardenRuleState] {
        (held ?? []).subtracting(garden.rules)
            .map { WalledGardenRuleState(rule: $0, reasons: [], isHeld: true) }
            .sorted { $0.rule.destination.text < $1.rule.destination.text }
    }
}

/// A rule of a router's walled garden.
struct WalledGardenRuleState: Shaped {
    let rule: WalledGardenRule
    let reasons: [WalledGardenReason]
    /// Nil where the router does not say.
    let isHeld: Bool?

    static let shape = Shape<Self>(
        "WalledGardenRule",
        [
            .init("ip_address", "An address or a block; null for a host.") { $0.rule.destination.address },
            .init("host", "A host's name; null for an address.") { $0.rule.destination.host },
            .init("port", "The TCP port; null for all.") { $0.rule.port.map(Int.init) },
            .init("reasons", "Why it is there.") { $0.reasons },
            .init("held", "Whether the router holds it; null where it does not say.") { $0.isHeld },
        ])
}

/// Why a rule is there.
struct WalledGardenReason: Shaped {
    private let kind: Kind
    private let provider: AuthIntegration.Provider?
    private let entryID: UUID?

    private enum Kind: String, CaseIterable, JSONRepresentable {
        case portal, provider, entry
    }

    init(_ reason: WalledGarden.Reason) {
        switch reason {
        case .portal: (kind, provider, entryID) = (.portal, nil, nil)
        case .provider(let provider): (kind, self.provider, entryID) = (.provider, provider, nil)
        case .entry(let id): (kind, provider, entryID) = (.entry, nil, id)
        }
    }

    static let shape = Shape<Self>(
        "WalledGardenReason",
        [
            .init("kind", "The portal itself, an identity provider in use at the site, or an entry.") { $0.kind },
            .init("provider", "Which identity provider.") { $0.provider },
            .init("entry_id", "Which entry.") { $0.entryID },
        ])
}
