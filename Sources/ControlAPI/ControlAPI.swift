// ControlAPI owns what admins' programs call: instances, auth integrations, sites and coupons as JSON, behind bearer tokens,
// with one shape of error. It knows the rules of Captive and the messages of HTTPServer; it must not know databases,
// routers or guests' pages, which reach it as roles.
//
// Reading order: ControlAPI, Routing/Endpoint and EndpointRunner, Errors/ErrorCode and ErrorAnswer, JSON/FieldReader and
// Rule, Tokens/TokenVerifier and TokenIssuer, then a folder for each resource.

package import Captive
package import Foundation
package import HTTPServer
package import Logging

/// The control API as routes for a `Router`, with answers for what no route takes.
package struct ControlAPI: Sendable {
    static let basePath = "/captive"

    /// What the API keeps its resources in.
    package struct Stores: Sendable {
        let instances: any InstanceStore
        let integrations: any AuthIntegrationStore
        let sites: any SiteStore
        let coupons: any CouponStore

        package init(
            instances: any InstanceStore, integrations: any AuthIntegrationStore, sites: any SiteStore,
            coupons: any CouponStore
        ) {
            self.instances = instances
            self.integrations = integrations
            self.sites = sites
            self.coupons = coupons
        }
    }

    /// Told after a resource was changed or deleted, so that what is kept of it in memory can be forgotten. A created one
    /// counts as changed. Called from any task; must not block.
    package struct Hooks: Sendable {
        package var instanceChanged: @Sendable (UUID) -> Void
        package var integrationChanged: @Sendable (UUID) -> Void
        package var siteChanged: @Sendable (UUID) -> Void

        package init(
            instanceChanged: @escaping @Sendable (UUID) -> Void = { _ in },
            integrationChanged: @escaping @Sendable (UUID) -> Void = { _ in },
            siteChanged: @escaping @Sendable (UUID) -> Void = { _ in }
        ) {
            self.instanceChanged = instanceChanged
            self.integrationChanged = integrationChanged
            self.siteChanged = siteChanged
        }
    }

    /// Every call, under its path and its older path.
    package let routes: [Route]
    private let errors: ErrorAnswer

    /// `publicURL` is the portal's origin, without a slash at the end. `codes` yields unforeseeable coupon codes.
    package init(
        stores: Stores, tokens: TokenVerifier, sealer: Sealer, publicURL: String, clock: @escaping WallClock,
        codes: @escaping @Sendable () -> CouponCode, gateways: any GatewayDirectory, hooks: Hooks = Hooks(),
        logger: Logger
    ) {
        let links = Links(publicURL: publicURL, sealer: sealer, clock: clock)
        let endpoints =
            InstanceResource(stores: stores, links: links, clock: clock, changed: hooks.instanceChanged).endpoints
            + AuthIntegrationResource(
                store: stores.integrations, links: links, clock: clock, changed: hooks.integrationChanged
            ).endpoints
            + SiteResource(
                store: stores.sites, gateways: gateways, links: links, clock: clock, changed: hooks.siteChanged
            ).endpoints
            + CouponResource(stores: stores, links: links, clock: clock, codes: codes).endpoints
        errors = ErrorAnswer(publicURL: publicURL)
        let runner = EndpointRunner(tokens: tokens, errors: errors, logger: logger)
        routes = endpoints.flatMap { endpoint in endpoint.patterns.map { runner.route(endpoint, pattern: $0) } }
    }

    /// Whether what is refused at `path` should be refused in the API's words.
    package func owns(_ path: String) -> Bool {
        let segments = path.split(separator: "/", maxSplits: 2).map(String.init)
        guard let first = segments.first else { return false }
        if "/" + first == Self.basePath { return segments.count == 1 || !segments[1].hasPrefix("assets") }
        return Self.olderRoots.contains(first)
    }

    private static let olderRoots: Set = ["instances", "auth-integrations", "walled-garden", "sites"]

    /// The answer where no route has the request's path.
    package func notFound(_ request: Request) -> Response {
        errors.response(to: APIError(.routeNotFound, "There is nothing at this path."))
    }

    /// The answer where a route has the request's path, but not its method.
    package func methodNotAllowed(allow: [HTTPServer.Method]) -> Response {
        let methods = allow.map(\.rawValue).sorted().joined(separator: ", ")
        let message = "This path does not take that method; it takes \(methods)."
        return errors.response(to: APIError(.methodNotAllowed, message, headers: ["Allow": methods]))
    }

    /// The answer where the server itself refuses a request for one of the API's paths; nil where the API has no word for it.
    package func refusal(_ status: Status) -> Response? { ServerRefusal.error(for: status).map(errors.response(to:)) }
}
