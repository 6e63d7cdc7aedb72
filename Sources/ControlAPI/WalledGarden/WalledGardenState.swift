import Captive
import Foundation

/// The desired walled garden of a site, with reasons, compared with the rules on the router.
struct WalledGardenState: Shaped {
    /// The rules read from the router.
    enum Reading {
        case held(Set<WalledGardenRule>)
        case failing(GatewayError)
        /// The site has no router, or its driver controls none.
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

    init(_ garden: WalledGarden, _ record: WalledGardenStatus, _ reading: Reading) {
        self.garden = garden
        self.record = record
        switch reading {
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
            .init(
                "status",
                "`in_sync`, `out_of_sync`, `failing` (the router cannot be read) or `unguarded` (the site has no router)."
            ) {
                $0.status
            },
            .init("in_sync", "Whether the router has exactly the desired rules.") { $0.status == .inSync },
            .init("reason", "Machine-readable reason for a problem, or null.") { $0.problem?.reason },
            .init("explanation", "What is wrong and what to do, or null.") { $0.problem?.explanation },
            .init("applied_at", "When the router last confirmed all rules to this process; null if it has not.") {
                $0.record.appliedAt
            },
            .init("rules", "The desired rules.") { $0.rules },
            .init("surplus", "Rules on the router that belong to the portal and should not be there.") { $0.surplus },
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

/// A walled garden rule, and whether the router has it.
struct WalledGardenRuleState: Shaped {
    let rule: WalledGardenRule
    let reasons: [WalledGardenReason]
    /// Nil if the router cannot be read.
    let isHeld: Bool?

    static let shape = Shape<Self>(
        "WalledGardenRule",
        [
            .init("ip_address", "An IPv4 address or subnet; null for a host.") { $0.rule.destination.address },
            .init("host", "A host name; null for an address.") { $0.rule.destination.host },
            .init("port", "The TCP port; null for all ports.") { $0.rule.port.map(Int.init) },
            .init("reasons", "Why the rule is needed.") { $0.reasons },
            .init("held", "Whether the router has the rule; null if it cannot be read.") { $0.isHeld },
        ])
}

/// Why a rule is needed.
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
            .init(
                "kind",
                "`portal`: the portal itself, `provider`: an identity provider in use at the site, `entry`: a walled garden entry."
            ) { $0.kind },
            .init("provider", "The identity provider, or null.") { $0.provider },
            .init("entry_id", "The ID of the entry, or null.") { $0.entryID },
        ])
}
