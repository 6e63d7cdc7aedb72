package import Foundation
internal import NetworkAddress

/// The desired walled garden of a site's router, each rule with its reasons. A pure function of the site's entries, its
/// identity providers, and the portal's address. Never contains probe hosts.
package struct WalledGarden: Sendable, Equatable {
    /// Why a rule is there.
    package enum Reason: Sendable, Hashable {
        /// The portal.
        case portal
        /// An identity provider of the site.
        case provider(AuthIntegration.Provider)
        /// An admin's entry.
        case entry(UUID)
    }

    /// A rule with at least one reason.
    package struct Item: Sendable, Equatable {
        package var rule: WalledGardenRule
        package var reasons: [Reason]

        package init(rule: WalledGardenRule, reasons: [Reason]) {
            self.rule = rule
            self.reasons = reasons
        }
    }

    /// The rules of the portal, the providers and the entries, in this order, without duplicates.
    package private(set) var items: [Item] = []
    private var indices: [WalledGardenRule: Int] = [:]

    /// `providers`: each with its hosts: names or addresses; `*.` matches all names below one.
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
        if let index = indices[rule] {
            items[index].reasons.append(reason)
        } else {
            indices[rule] = items.count
            items.append(Item(rule: rule, reasons: [reason]))
        }
    }

    /// Rejects IPv6, because guest subnets are IPv4, and probe hosts, because devices would not detect the portal.
    private static func isForGuests(_ rule: WalledGardenRule) -> Bool {
        if case .subnet(let subnet) = rule.destination { return subnet.base.bitWidth == 32 }
        return ProbeHosts.covered(by: rule.destination).isEmpty
    }
}

/// Computes desired walled gardens from the database.
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

    /// The desired walled garden of a router that serves these sites.
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
    /// The host and port of a web origin. Returns nil unless `origin` is an `http` or `https` URL.
    package init?(origin: String) {
        guard let url = URL(string: origin), let host = url.host(), let port = ["http": 80, "https": 443][url.scheme]
        else { return nil }
        let destination = Subnet(host).map(Destination.subnet) ?? .host(host.lowercased())
        self.init(destination, port: UInt16(exactly: url.port ?? port))
    }
}

/// The result of this node's last reconciliation of a site's walled garden.
package struct WalledGardenStatus: Sendable, Equatable {
    /// When the router last confirmed the complete walled garden; nil if not since the portal started.
    package var appliedAt: Date?
    /// Why the walled garden is out of sync; nil if it is in sync.
    package var problem: GatewayError?

    package init(appliedAt: Date? = nil, problem: GatewayError? = nil) {
        self.appliedAt = appliedAt
        self.problem = problem
    }
}

/// Reconciles routers with their desired walled gardens.
package protocol WalledGardenReconciler: Sendable {
    /// The desired walled garden of the site's router, for all sites of that router.
    func garden(of siteID: UUID) async throws -> WalledGarden
    /// The result of the last reconciliation.
    func status(of siteID: UUID) -> WalledGardenStatus
}
