package import Foundation

/// A place with a guest network, and the router that guards it.
package struct Site: Sendable, Equatable, Identifiable {
    package let id: UUID
    package let workspace: Workspace
    package var name: String?
    /// Nil until an admin has said which router guards the site.
    package var router: RouterSettings?
    package let createdAt: Date

    package init(id: UUID, workspace: Workspace, name: String? = nil, router: RouterSettings? = nil, createdAt: Date) {
        self.id = id
        self.workspace = workspace
        self.name = name
        self.router = router
        self.createdAt = createdAt
    }
}

/// How the portal reaches a site's router.
package struct RouterSettings: Sendable, Hashable {
    package var driver: Driver
    /// Scheme, host and port, without a path; nil where the driver needs none.
    package var url: String?
    package var username: String?
    package var password: Secret?
    package var trust: Trust
    /// The shared key of an openNDS gateway.
    package var fasKey: Secret?

    /// How the portal speaks to the router.
    package enum Driver: String, Sendable, CaseIterable {
        case routerosREST = "routeros-rest"
        case routerosAPI = "routeros-api"
        case nftables
        case opennds
        /// Guests are let through in the books only.
        case none
    }

    /// Which certificate the router must show.
    package enum Trust: Sendable, Hashable {
        /// One that the system's authorities vouch for.
        case system
        /// One signed by this authority (PEM).
        case authority(pem: String)
        /// The one whose DER form has this SHA-256 digest (32 bytes).
        case pinned(sha256: [UInt8])
    }

    package init(
        driver: Driver, url: String? = nil, username: String? = nil, password: Secret? = nil, trust: Trust = .system,
        fasKey: Secret? = nil
    ) {
        self.driver = driver
        self.url = url
        self.username = username
        self.password = password
        self.trust = trust
        self.fasKey = fasKey
    }

    /// The same for sites behind one router, which share its walled garden; nil for a gateway that serves one site.
    package var sharedRouter: [String]? {
        switch driver {
        case .routerosREST, .routerosAPI: url.map { [driver.rawValue, $0] }
        case .nftables, .opennds, .none: nil
        }
    }
}

/// Keeps sites, their routers' secrets sealed.
package protocol SiteStore: Sendable {
    /// Newest first.
    func sites(in workspace: Workspace, page: ListPage) async throws -> [Site]
    /// Nil if the workspace has none with that id.
    func site(_ id: UUID, in workspace: Workspace) async throws -> Site?
    /// For the guest's side and the gateways, which know no workspace.
    func site(_ id: UUID) async throws -> Site?
    /// All sites that have a router.
    func sitesWithRouter() async throws -> [Site]
    /// Creates the site if it is new, else lets `change` alter it, in one transaction; returns what was written. Throws
    /// `StoreError.conflict` if the id belongs to another workspace, and whatever `change` throws.
    func upsertSite(
        _ id: UUID, in workspace: Workspace, now: Date, _ change: @Sendable @escaping (inout Site) throws -> Void
    ) async throws -> Site
    /// False if there was none. Throws `StoreError.conflict` while an instance names it.
    func deleteSite(_ id: UUID, in workspace: Workspace) async throws -> Bool
}
