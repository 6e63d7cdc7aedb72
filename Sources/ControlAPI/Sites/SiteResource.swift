import Captive
import Foundation
import HTTPServer

/// `/sites`, which the older documents do not have.
struct SiteResource {
    let store: any SiteStore
    let gateways: any GatewayDirectory
    let policy: RouterPolicy
    let clock: WallClock

    var section: Section {
        let (path, item) = ("/sites", "/sites/{siteId}")
        return Section(
            "Sites", "Places with a guest network, and the router that guards each.",
            [
                .list(path, older: [], "listSites", "Lists the sites.", Site.shape) {
                    try await store.sites(in: $0.workspace, page: $1)
                },
                .get(item, older: [], "readSite", "Reads a site.", .one(Site.shape)) { try await site(of: $0) },
                .put(
                    item, older: [], "updateSite", "Changes a site; one not named before is made.", SiteChanges.input,
                    .one(Site.shape), errors: [.conflict, .driverNotAllowed], update),
                .delete(
                    item, older: [], "deleteSite", "Deletes a site that no instance names.", errors: [.conflict], delete
                ),
                .get(
                    item + "/health", older: [], "readSiteHealth", "Asks the site's router how it does.",
                    .one(SiteHealth.shape)
                ) { try await health(of: site(of: $0)) },
            ])
    }

    /// Registers the site if it is new: an admin gives ids, as instances do.
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
