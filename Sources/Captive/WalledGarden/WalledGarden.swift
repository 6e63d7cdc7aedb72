package import Foundation
internal import NetworkAddress

/// What a site's router is to hold in its walled garden, each rule with the reasons for it. A pure function of the
/// site's entries, the identity providers in use there, and the portal's own address;
/// hosts that devices probe are never in it.
package struct WalledGarden: Sendable, Equatable {
    /// Why a rule is there.
    package enum Reason: Sendable, Hashable {
        /// The portal itself.
        case portal
        /// An identity provider that guests sign in at.
        case provider(AuthIntegration.Provider)
        /// An admin's entry.
        case entry(UUID)
    }

    /// A rule and why it is there; never without a reason.
    package struct Item: Sendable, Equatable {
        package var rule: WalledGardenRule
        package var reasons: [Reason]

        package init(rule: WalledGardenRule, reasons: [Reason]) {
            self.rule = rule
            self.reasons = reasons
        }
    }

    /// The portal first, then the providers', then the entries' rules in the order given; no rule twice.
    package private(set) var items: [Item] = []
    private var places: [WalledGardenRule: Int] = [:]

    /// `providers`: each provider's hosts, names or addresses, `*.` for all names below one.
    package init(
        portal: WalledGardenRule?, providers: [(AuthIntegration.Provider, hosts: [String])],
        entries: [WalledGardenEntry]
    ) {
        if let portal { add(portal, .portal) }
        for (provider, hosts) in providers {
            for destination in hosts.compactMap(WalledGardenRule.Destination.init(text:)) {
                add(WalledGardenRule(destination), .provider(provider))
            }
        }
        for entry in entries { add(WalledGardenRule(entry.destination), .entry(entry.id)) }
    }

    package var rules: [WalledGardenRule] { items.map(\.rule) }

    private mutating func add(_ rule: WalledGardenRule, _ reason: Reason) {
        guard Self.isForGuests(rule) else { return }
        if let place = places[rule] {
            items[place].reasons.append(reason)
        } else {
            places[rule] = items.count
            items.append(Item(rule: rule, reasons: [reason]))
        }
    }

    /// Guests' subnets are IPv4. A probe host in it would hide the portal from devices.
    private static func isForGuests(_ rule: WalledGardenRule) -> Bool {
        if case .subnet(let subnet) = rule.destination { return subnet.base.bitWidth == 32 }
        return ProbeHosts.covered(by: rule.destination).isEmpty
    }
}

/// Says what a site's walled garden should be, from the books as they are now.
package struct WalledGardenPlanner: Sendable {
    private let store: any WalledGardenStore
    private let portal: WalledGardenRule?
    private let hosts: @Sendable (AuthIntegration.Provider) -> [String]

    /// `publicURL`: the portal's origin. `hosts`: what guests must reach to sign in at a provider.
    package init(
        store: any WalledGardenStore, publicURL: String,
        hosts: @escaping @Sendable (AuthIntegration.Provider) -> [String]
    ) {
        self.store = store
        self.hosts = hosts
        portal = WalledGardenRule(origin: publicURL)
    }

    /// What a router is to hold that guards these sites.
    package func garden(of sites: [UUID]) async throws -> WalledGarden {
        var providers: Set<AuthIntegration.Provider> = []
        var entries: [WalledGardenEntry] = []
        for site in sites {
            providers.formUnion(try await store.providers(at: site))
            entries += try await store.gardenEntries(of: site)
        }
        return WalledGarden(
            portal: portal,
            providers: providers.sorted { $0.rawValue < $1.rawValue }.map { ($0, hosts: hosts($0)) }, entries: entries)
    }
}

extension WalledGardenRule {
    /// The way to a web origin: its host and port. Nil for what is no `http` or `https` URL.
    package init?(origin: String) {
        guard let url = URL(string: origin), let host = url.host(), let port = ["http": 80, "https": 443][url.scheme]
        else { return nil }
        let destination = Subnet(host).map(Destination.subnet) ?? .host(host.lowercased())
        self.init(destination, port: UInt16(exactly: url.port ?? port))
    }
}

/// What was last done about a site's walled garden, by this node.
package struct WalledGardenRecord: Sendable, Equatable {
    /// When the router last confirmed the whole of it; nil if not since the portal started.
    package var appliedAt: Date?
    /// Why the router does not have what it should; nil when it has.
    package var problem: GatewayError?

    package init(appliedAt: Date? = nil, problem: GatewayError? = nil) {
        self.appliedAt = appliedAt
        self.problem = problem
    }
}

/// Sees to sites' walled gardens.
package protocol WalledGardenKeeper: Sendable {
    /// What the router that guards the site is to hold: for all the sites behind that router.
    func garden(of siteID: UUID) async throws -> WalledGarden
    /// What was last done about it.
    func record(of siteID: UUID) -> WalledGardenRecord
}
