package import Foundation
internal import NetworkAddress

/// What an admin lets guests of one site reach before they are let through.
package struct WalledGardenEntry: Sendable, Equatable, Identifiable {
    package let id: UUID
    package let siteID: UUID
    package var name: String
    package var destination: WalledGardenRule.Destination
    /// What it is for, a note for people; nil if nobody said.
    package var kind: Kind?
    package let createdAt: Date

    /// Both are open to guests alike.
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
    /// Blocks with fewer leading bits than this are half the internet, and no garden.
    package static let shortestPrefix = 8

    /// Why an entry may not name this, a sentence for an admin; nil if it may.
    package var objection: String? {
        if case .subnet(let subnet) = self, subnet.prefixLength < Self.shortestPrefix {
            return "The block \(subnet) is so large that guests would be online without signing in; "
                + "a walled garden takes blocks of /\(Self.shortestPrefix) or smaller."
        }
        let probed = ProbeHosts.covered(by: self)
        guard let first = probed.first else { return nil }
        let others = probed.count > 1 ? " and \(probed.count - 1) more of its kind" : ""
        return
            "Phones and laptops ask \(first)\(others) whether they are online: were it open to guests, their devices "
            + "would never show the portal. Name the hosts that guests need, without it."
    }

    /// The block in CIDR notation, or the host's name.
    package var text: String {
        switch self {
        case .subnet(let subnet): subnet.description
        case .host(let name): name
        }
    }

    /// Reads what `text` printed; nil for anything else.
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

/// Keeps the entries of sites' walled gardens.
package protocol WalledGardenStore: Sendable {
    /// Newest first.
    func gardenEntries(of siteID: UUID, page: ListPage) async throws -> [WalledGardenEntry]
    /// All of a site, newest first.
    func gardenEntries(of siteID: UUID) async throws -> [WalledGardenEntry]
    /// Nil if the site has none with that id.
    func gardenEntry(_ id: UUID, of siteID: UUID) async throws -> WalledGardenEntry?
    /// The identity providers of the instances that name the site.
    func providers(at siteID: UUID) async throws -> Set<AuthIntegration.Provider>
    /// Throws `StoreError.conflict` if the site has an entry for the same destination, or as many as it may have, and
    /// `.notFound` if there is no such site.
    func create(_ entry: WalledGardenEntry) async throws
    /// Reads, lets `change` alter, checks as `create` does, and writes, in one transaction; returns what was written.
    /// Throws `StoreError.notFound`, and whatever `change` throws.
    func updateGardenEntry(
        _ id: UUID, of siteID: UUID, _ change: @Sendable @escaping (inout WalledGardenEntry) throws -> Void
    ) async throws -> WalledGardenEntry
    /// False if there was none.
    func deleteGardenEntry(_ id: UUID, of siteID: UUID) async throws -> Bool
}

extension WalledGardenEntry {
    /// Most entries of one site: a router is brought up to date in one go.
    package static let mostOfSite = 500
}
