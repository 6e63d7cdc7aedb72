// ControlAPI owns what admins' programs call: instances, coupons and their schedules, sites and the rest as JSON,
// behind bearer tokens, with one shape of error, and their description, made from the same definitions. It knows the
// rules of Captive and the messages of HTTPServer; it must not know databases, routers or guests' pages,
// which reach it as roles.
//
// Reading order: ControlAPI, ControlAPIRoles, Routing/Endpoint and EndpointRunner, Errors/ErrorCode and ErrorAnswer,
// JSON/FieldReader and Rule, Description/Schema, Shape and OpenAPIDocument, Tokens/TokenVerifier and TokenIssuer, then
// a folder for each resource.

package import Captive
import Foundation
package import HTTPServer
package import Logging

/// The control API as routes for a `Router`, with answers for what no route takes.
package struct ControlAPI: Sendable {
    static let basePath = "/captive"

    /// Every call, under its path and its older path.
    package let routes: [Route]
    private let errors: ErrorAnswer

    /// `publicURL` is the portal's origin, without a slash at the end; `bodyLimit` counts bytes; `version` is the
    /// program's; `docs` makes the page of the API's description from the values of its template.
    package init(
        _ roles: Roles, publicURL: String, bodyLimit: Int = 1 << 20, allowsPrivateWebhooks: Bool = false,
        version: String = "0", logger: Logger,
        docs: ([String: Any]) -> @Sendable (Request) -> Response = { _ in { _ in Response(.notFound) } }
    ) {
        let links = Links(publicURL: publicURL, sealer: roles.sealer, clock: roles.clock)
        let resources = Self.resources(
            roles, links, publicURL: publicURL, allowsPrivateWebhooks: allowsPrivateWebhooks)
        errors = ErrorAnswer(publicURL: publicURL)
        let sections = Self.described(resources, errors, version: version, docs)
        let tokens = TokenVerifier(
            sealer: roles.sealer, revocations: roles.revocations ?? TokenRevocations(store: roles.store),
            outside: roles.outside, clock: roles.clock)
        let recorded = RecordedWork(store: roles.store, errors: errors, clock: roles.clock)
        let runner = EndpointRunner(
            tokens: tokens, errors: errors, recorded: recorded, bodyLimit: bodyLimit, logger: logger)
        routes = sections.flatMap(runner.routes)
    }

    /// The sections in the description's order.
    private static func resources(
        _ roles: Roles, _ links: Links, publicURL: String, allowsPrivateWebhooks: Bool
    ) -> [Section] {
        let (store, clock) = (roles.store, roles.clock)
        let doctor = roles.examiner.map { ExaminationResource(store: store, examiner: $0).section }
        return [
            InstanceResource(store: store, integrations: store, links: links, clock: clock).section,
            ImageResource(store: store, clock: clock).section,
            AuthIntegrationResource(store: store, links: links, clock: clock).section,
            CouponResource(instances: store, coupons: store, clock: clock, codes: roles.codes).section,
            ScheduleResource(
                instances: store, schedules: store, zones: roles.zones, links: links, clock: clock, codes: roles.codes,
                runs: RateLimit(roles.runsPerHour, in: 3_600)
            ).section,
            CouponListResource(
                instances: store, schedules: store, zones: roles.zones, signatures: links.signatures,
                publicURL: publicURL, clock: clock, pages: roles.couponPages
            ).section,
            NotificationGroupResource(store: store, allowsPrivate: allowsPrivateWebhooks, clock: clock).section,
            SiteResource(store: store, gateways: roles.gateways, policy: roles.routerPolicy, clock: clock).section,
            SiteUserResource(store: store, gateways: roles.gateways, clock: clock).section,
            WalledGardenResource(store: store, keeper: roles.gardens, gateways: roles.gateways, clock: clock).section,
            AuditResource(store: store).section,
        ] + [doctor].compactMap(\.self)
    }

    /// The sections of a running API, with the one that describes them all, itself too.
    private static func described(
        _ resources: [Section], _ errors: ErrorAnswer, version: String,
        _ docs: ([String: Any]) -> @Sendable (Request) -> Response
    ) -> [Section] {
        let unanswered = DescriptionResource(document: ServedFile(name: "", content: [])) { _ in Response(.ok) }
        let document = OpenAPIDocument(sections: resources + [unanswered.section], errors: errors, version: version)
        let page = ReferencePage(sections: document.sections, errors: errors, version: version)
        let file = ServedFile(name: "openapi.json", content: document.json.bytes)
        return resources + [DescriptionResource(document: file, page: docs(page.values)).section]
    }

    /// A code from the system's generator, which is a secure one.
    package static func randomCode() -> CouponCode {
        var generator = SystemRandomNumberGenerator()
        return CouponCode.random(using: &generator)
    }

    /// Whether what is refused at `path` should be refused in the API's words.
    package static func owns(path: String) -> Bool {
        let segments = path.split(separator: "/", maxSplits: 2).map(String.init)
        guard let first = segments.first else { return false }
        if "/" + first == basePath { return segments.count == 1 || segments[1] != "assets" }
        return olderRoots.contains(first)
    }

    private static let olderRoots: Set = ["instances", "auth-integrations", "coupons", "walled-garden", "sites"]

    /// The answer where no route has the request's path.
    package func notFound(_ request: Request) -> Response {
        errors.response(to: APIError(.routeNotFound, "There is nothing at this path."))
    }

    /// The answer where a route has the request's path, but not its method.
    package func methodNotAllowed(allow: [HTTPServer.Method], _ request: Request) -> Response {
        let methods = allow.map(\.rawValue).sorted().joined(separator: ", ")
        let message = "This path does not take that method; it takes \(methods)."
        return errors.response(to: APIError(.methodNotAllowed, message, headers: ["Allow": methods]))
    }

    /// The answer to a call over plain http where it needs TLS. Nothing of the request is looked at but whether it
    /// holds a token, which is known to others from then on.
    package func plainRefusal(_ request: Request) -> Response {
        let advice =
            request.headers["Authorization"] == nil
            ? ""
            : " The token was sent in clear text: revoke it (`portico token revoke`) and create another."
        return errors.response(
            to: APIError(
                .tlsRequired,
                "The control API is served over https only; use \(errors.publicURL).\(advice) If a proxy ends TLS, it must "
                    + "be one of trusted_proxies and send X-Forwarded-Proto."))
    }

    /// The answer where the server itself refuses a request for one of the API's paths;
    /// nil where the API has no word for it.
    package func refusal(_ status: Status) -> Response? { ServerRefusal.error(for: status).map(errors.response(to:)) }
}
