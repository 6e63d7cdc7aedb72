package import Foundation

/// A guest network and its router.
package struct Site: Sendable, Equatable, Identifiable {
    package let id: UUID
    package let workspace: Workspace
    package var name: String?
    /// Nil until an admin has set the site's router.
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

/// How the portal connects to a site's router.
package struct RouterSettings: Sendable, Hashable {
    package var driver: Driver
    /// Scheme, host and port, without a path; nil if the driver needs none.
    package var url: String?
    package var username: String?
    package var password: Secret?
    package var trust: Trust
    /// The shared key of an openNDS gateway.
    package var fasKey: Secret?

    /// How the portal controls the router.
    package enum Driver: String, Sendable, CaseIterable {
        case routerosREST = "routeros-rest"
        case routerosAPI = "routeros-api"
        case nftables
        case opennds
        /// No router: guests are authorized in the database only.
        case none
    }

    /// The certificate that the router must have.
    package enum Trust: Sendable, Hashable {
        /// A certificate that the system's certificate authorities have issued.
        case system
        /// A certificate signed by this authority (PEM).
        case authority(pem: String)
        /// The certificate whose DER form has this SHA-256 digest (32 bytes).
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

    /// Equal for sites behind one router, which share its walled garden; nil for a gateway that serves one site.
    package var sharedRouter: [String]? {
        switch driver {
        case .routerosREST, .routerosAPI: url.map { [driver.rawValue, $0] }
        case .nftables, .opennds, .none: nil
        }
    }
}

/// Stores sites, with their routers' secrets sealed.
package protocol SiteStore: Sendable {
    /// Newest first.
    func sites(in workspace: Workspace, page: ListPage) async throws -> [Site]
    /// Returns nil if the workspace has no such site.
    func site(_ id: UUID, in workspace: Workspace) async throws -> Site?
    /// For guest pages and gateways, which are not restricted to a workspace.
    func site(_ id: UUID) async throws -> Site?
    /// All sites that have a router.
    func sitesWithRouter() async throws -> [Site]
    /// Applies `change` to the site, which is created if it does not exist, in one transaction. Returns the stored
    /// site. Throws `StoreError.conflict` if the id belongs to another workspace. Rethrows errors of `change`.
    func upsertSite(
        _ id: UUID, in workspace: Workspace, now: Date, _ change: @Sendable @escaping (inout Site) throws -> Void
    ) async throws -> Site
    /// Returns false if there is no such site. Throws `StoreError.conflict` while an instance uses it.
    func deleteSite(_ id: UUID, in workspace: Workspace) async throws -> Bool
}
