// ControlAPI is the JSON API for admins: instances, coupons, schedules, sites and the other resources, authenticated by
// bearer tokens. Routes and OpenAPI description come from the same definitions. It depends on Captive, Storage,
// Doctor and HTTPServer, and not on SQL, the gateways or the guest pages; what it needs of those is passed in as
// `Roles`.
//
// Reading order: ControlAPI, ControlAPIRoles, Routing/Endpoint and EndpointRunner, Errors/ErrorCode and ErrorResponder,
// JSON/FieldReader and Rule, Description/Schema, Shape and OpenAPIDocument, Tokens/TokenVerifier and TokenIssuer, then
// a folder for each resource.

package import Captive
import Foundation
package import HTTPServer
package import Logging

/// The control API as routes for a `Router`, and its error responses for requests that match no route.
package struct ControlAPI: Sendable {
    static let basePath = "/captive"

    /// Every call, at its path and its legacy paths.
    package let routes: [Route]
    private let errors: ErrorResponder

    /// `publicURL` is the portal's origin, without a trailing slash. `bodyLimit` is in bytes. `version` is the
    /// program's. `docs` renders the reference page from the values of its template.
    package init(
        _ roles: Roles, publicURL: String, bodyLimit: Int = 1 << 20, allowsPrivateWebhooks: Bool = false,
        version: String = "0", logger: Logger,
        docs: ([String: Any]) -> @Sendable (Request) -> Response = { _ in { _ in Response(.notFound) } }
    ) {
        let urls = PortalURLs(publicURL: publicURL, sealer: roles.sealer, clock: roles.clock)
        let resources = Self.resources(
            roles, urls, publicURL: publicURL, allowsPrivateWebhooks: allowsPrivateWebhooks)
        errors = ErrorResponder(publicURL: publicURL)
        let sections = Self.described(resources, errors, version: version, docs)
        let tokens = TokenVerifier(
            sealer: roles.sealer, revocations: roles.revocations ?? TokenRevocations(store: roles.store),
            externalIssuer: roles.externalIssuer, clock: roles.clock)
        let idempotency = IdempotencyMiddleware(store: roles.store, errors: errors, clock: roles.clock)
        let runner = EndpointRunner(
            tokens: tokens, errors: errors, idempotency: idempotency, bodyLimit: bodyLimit, logger: logger)
        routes = sections.flatMap(runner.routes)
    }

    /// The sections in the order of the description.
    private static func resources(
        _ roles: Roles, _ urls: PortalURLs, publicURL: String, allowsPrivateWebhooks: Bool
    ) -> [Section] {
        let (store, clock) = (roles.store, roles.clock)
        let doctor = roles.examiner.map { DoctorResource(store: store, examiner: $0).section }
        return [
            InstanceResource(store: store, urls: urls, clock: clock).section,
            ImageResource(store: store, clock: clock).section,
            AuthIntegrationResource(store: store, urls: urls, clock: clock).section,
            CouponResource(store: store, clock: clock, codes: roles.codes).section,
            ScheduleResource(
                store: store, zones: roles.zones, urls: urls, clock: clock, codes: roles.codes,
                runs: RateLimit(roles.runsPerHour, in: 3_600)
            ).section,
            CouponListResource(
                store: store, zones: roles.zones, signatures: urls.signatures,
                publicURL: publicURL, clock: clock, pages: roles.couponPages
            ).section,
            NotificationGroupResource(store: store, allowsPrivate: allowsPrivateWebhooks, clock: clock).section,
            SiteResource(store: store, gateways: roles.gateways, policy: roles.routerPolicy, clock: clock).section,
            SiteUserResource(store: store, gateways: roles.gateways, clock: clock).section,
            WalledGardenResource(store: store, keeper: roles.gardens, gateways: roles.gateways, clock: clock).section,
            AuditResource(store: store).section,
        ] + [doctor].compactMap(\.self)
    }

    /// Adds the section that serves the description of all sections, including itself.
    private static func described(
        _ resources: [Section], _ errors: ErrorResponder, version: String,
        _ docs: ([String: Any]) -> @Sendable (Request) -> Response
    ) -> [Section] {
        let placeholder = DescriptionResource(document: ServedFile(name: "", content: [])) { _ in Response(.ok) }
        let document = OpenAPIDocument(sections: resources + [placeholder.section], errors: errors, version: version)
        let page = ReferencePage(sections: document.sections, errors: errors, version: version)
        let file = ServedFile(name: "openapi.json", content: document.json.bytes)
        return resources + [DescriptionResource(document: file, page: docs(page.values)).section]
    }

    /// A coupon code from the system's cryptographically secure generator.
    package static func randomCode() -> CouponCode {
        var generator = SystemRandomNumberGenerator()
        return CouponCode.random(using: &generator)
    }

    /// Whether an error at `path` is returned in the API's format.
    package static func owns(path: String) -> Bool {
        let segments = path.split(separator: "/", maxSplits: 2).map(String.init)
        guard let first = segments.first else { return false }
        if "/" + first == basePath { return segments.count == 1 || segments[1] != "assets" }
        return legacyRoots.contains(first)
    }

    private static let legacyRoots: Set = ["instances", "auth-integrations", "coupons", "walled-garden", "sites"]

    /// The response if no route has the path of the request.
    package func notFound(_ request: Request) -> Response {
        errors.response(to: APIError(.routeNotFound, "Unknown API path."))
    }

    /// The response if a route has the path of the request, but not its method.
    package func methodNotAllowed(allow: [HTTPServer.Method], _ request: Request) -> Response {
        let methods = allow.map(\.rawValue).sorted().joined(separator: ", ")
        let message = "Method not allowed at this path. Allowed: \(methods)."
        return errors.response(to: APIError(.methodNotAllowed, message, headers: ["Allow": methods]))
    }

    /// The response to a call over plain HTTP if TLS is required. Advises to revoke the token, if there is one: others
    /// may have read it.
    package func tlsRequired(_ request: Request) -> Response {
        let advice =
            request.headers["Authorization"] == nil
            ? ""
            : " The token was sent as plaintext: revoke it (`portico token revoke`) and create a new one."
        return errors.response(
            to: APIError(
                .tlsRequired,
                "The control API requires https; use \(errors.publicURL).\(advice) If a proxy terminates TLS, add it to "
                    + "trusted_proxies and let it send X-Forwarded-Proto."))
    }

    /// The response if the server rejects a request for an API path before it reaches a handler; nil if the API has no
    /// error for the status.
    package func errorResponse(for status: Status) -> Response? {
        ServerErrorMapping.error(for: status).map(errors.response(to:))
    }
}
