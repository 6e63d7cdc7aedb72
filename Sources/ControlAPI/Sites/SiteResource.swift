import Captive
import Foundation
import HTTPServer

/// `/sites`, which the older documents do not have.
struct SiteResource {
    let store: any SiteStore
    let gateways: any GatewayDirectory
    let links: Links
    let clock: WallClock

    private static let kind = "site"

    var endpoints: [Endpoint] {
        [
            Endpoint(.get, "/sites", olderPath: false, list),
            Endpoint(.get, "/sites/{id}", olderPath: false, read),
            Endpoint(.put, "/sites/{id}", olderPath: false, update),
            Endpoint(.delete, "/sites/{id}", olderPath: false, delete),
            Endpoint(.get, "/sites/{id}/health", olderPath: false, health),
        ]
    }

    @Sendable private func list(_ call: Call) async throws -> Response {
        try await ListRequest(call.request, publicURL: links.publicURL).response(
            { .init(createdAt: $0.createdAt, id: $0.id) }, \.json
        ) { try await store.sites(in: call.workspace, page: $0) }
    }

    @Sendable private func read(_ call: Call) async throws -> Response {
        .json(.ok, try await site(of: call).json)
    }

    /// Registers the site if it is new: an admin gives ids, as instances do.
    @Sendable private func update(_ call: Call) async throws -> Response {
        let id = try call.id(Self.kind)
        var fields = try call.request.fields()
        let changes = SiteChanges(from: &fields)
        try fields.finish()
        let site = try await store.upsertSite(id, in: call.workspace, now: clock()) { try changes.apply(to: &$0) }
        return .json(.accepted, site.json)
    }

    @Sendable private func delete(_ call: Call) async throws -> Response {
        let id = try call.id(Self.kind)
        guard try await store.deleteSite(id, in: call.workspace) else { throw APIError.notFound(Self.kind) }
        return Response(.noContent)
    }

    @Sendable private func health(_ call: Call) async throws -> Response {
        let site = try await site(of: call)
        return .json(.ok, try await health(of: site).json)
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
        guard let site = try await store.site(call.id(Self.kind), in: call.workspace) else {
            throw APIError.notFound(Self.kind)
        }
        return site
    }
}
