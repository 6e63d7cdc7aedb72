package import Foundation
internal import NetworkAddress

/// A destination that an admin has added to a site's walled garden.
package struct WalledGardenEntry: Sendable, Equatable, Identifiable {
    package let id: UUID
    package let siteID: UUID
    package var name: String
    package var destination: WalledGardenRule.Destination
    /// The purpose, for information only.
    package var kind: Kind?
    package let createdAt: Date

    /// Both kinds have the same effect.
    package enum Kind: String, Sendable, CaseIterable {
        case captiveAuth = "captive-auth"
        case captivePortal = "captive-portal"
    }

    package init(
        id: UUID, siteID: UUID, name: String, destination: WalledGardenRule.Destination, kind: Kind?, createdAt: Date
    ) {
        self.id = id
        self.siteID = siteID
        self.name = name
        self.destination = destination
        self.kind = kind
        self.createdAt = createdAt
    }
}

extension WalledGardenRule.Destination {
    /// Larger address blocks are rejected, because guests would be online without a session.
    package static let shortestPrefix = 8

    /// Why an entry must not have this destination, as a sentence for an admin; nil if it may.
    package var objection: String? {
        if case .subnet(let subnet) = self, subnet.prefixLength < Self.shortestPrefix {
            return "The block \(subnet) is so large that guests would be online without signing in. "
                + "Use blocks of /\(Self.shortestPrefix) or smaller."
        }
        let probed = ProbeHosts.covered(by: self)
        guard let first = probed.first else { return nil }
        let others = probed.count > 1 ? " and \(probed.count - 1) similar hosts" : ""
        return
            "Phones and laptops use \(first)\(others) to detect captive portals. If guests can reach it, their devices "
            + "never show the portal. List only the hosts that guests need."
    }

    /// The block in CIDR notation, or the host's name.
    package var text: String {
        switch self {
        case .subnet(let subnet): subnet.description
        case .host(let name): name
        }
    }

    /// Parses the format of the property `text`. Returns nil for anything else.
    package init?(text: String) {
        if let subnet = Subnet(text) {
            self = .subnet(subnet)
        } else if let name = HostName(text) {
            self = .host(name.text)
        } else {
            return nil
        }
    }
}

/// Stores the entries of sites' walled gardens.
package protocol WalledGardenStore: Sendable {
    /// Newest first.
    func gardenEntries(of siteID: UUID, page: ListPage) async throws -> [WalledGardenEntry]
    /// All entries of a site, newest first.
    func gardenEntries(of siteID: UUID) async throws -> [WalledGardenEntry]
    /// Returns nil if the site has no such entry.
    func gardenEntry(_ id: UUID, of siteID: UUID) async throws -> WalledGardenEntry?
    /// The identity providers of the site's instances.
    func providers(at siteID: UUID) async throws -> Set<AuthIntegration.Provider>
    /// Throws `StoreError.conflict` if the site has an entry for the same destination or the maximum number of entries,
    /// and `.notFound` if there is no such site.
    func create(_ entry: WalledGardenEntry) async throws
    /// Applies `change` in one transaction, with the checks of `create`, and returns the result. Throws
    /// `StoreError.notFound`. Rethrows errors of `change`.
    func updateGardenEntry(
        _ id: UUID, of siteID: UUID, _ change: @Sendable @escaping (inout WalledGardenEntry) throws -> Void
    ) async throws -> WalledGardenEntry
    /// Returns false if there was none.
    func deleteGardenEntry(_ id: UUID, of siteID: UUID) async throws -> Bool
}

extension WalledGardenEntry {
    /// Maximum number of entries of a site. A reconciliation writes all of them in one call.
    package static let mostOfSite = 500
}
