import Captive
import Foundation
import HTTPServer
import Storage

/// `/sites`. Has no legacy paths.
struct SiteResource {
    let store: Store
    let gateways: any GatewayDirectory
    let policy: RouterPolicy
    let clock: WallClock

    var section: Section {
        let (path, item) = ("/sites", "/sites/{siteId}")
        return Section(
            "Sites", "Guest networks, each behind one router.",
            [
                .list(path, legacy: [], "listSites", "List sites", Site.shape) {
                    try await store.sites(in: $0.workspace, page: $1)
                },
                .get(item, legacy: [], "readSite", "Get a site", .one(Site.shape)) { try await site(of: $0) },
                .put(
                    item, legacy: [], "updateSite", "Create or update a site", SiteChanges.input,
                    .one(Site.shape), errors: [.conflict, .driverNotAllowed], update),
                .delete(
                    item, legacy: [], "deleteSite", "Delete a site that no instance uses", errors: [.conflict], delete
                ),
                .get(
                    item + "/health", legacy: [], "readSiteHealth", "Check router health",
                    .one(SiteHealth.shape)
                ) { try await health(of: site(of: $0)) },
            ])
    }

    /// Creates the site if it does not exist: admins choose the IDs of sites.
    @Sendable private func update(_ call: Call, _ changes: SiteChanges) async throws -> Site {
        try await store.upsertSite(call.id("siteId"), in: call.workspace, now: clock()) {
            try changes.apply(to: &$0, policy)
        }
    }

    @Sendable private func delete(_ call: Call) async throws {
        guard try await store.deleteSite(call.id("siteId"), in: call.workspace) else { throw APIError.notFound("site") }
    }

    private func health(of site: Site) async throws -> SiteHealth {
        guard let router = site.router else { return .noRouter }
        guard router.driver != .none else { return SiteHealth(GatewayHealth()) }
        do {
            guard let gateway = try await gateways.gateway(for: site.id) else { return .noRouter }
            return SiteHealth(await gateway.health())
        } catch let problem as GatewayError {
            return SiteHealth(GatewayHealth(problem: problem))
        }
    }

    private func site(of call: Call) async throws -> Site {
        guard let site = try await store.site(call.id("siteId"), in: call.workspace) else {
            throw APIError.notFound("site")
        }
        return site
    }
}
