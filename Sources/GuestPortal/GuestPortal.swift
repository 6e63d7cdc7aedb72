// GuestPortal serves guests: the entry to which a router redirects them, the page, code entry, the status page, and the
// responses to probes of phones. The appearance of the pages is in Pages. It must not know SQL, router protocols or the
// control API.
//
// Reading order follows a guest: HotspotEntry/, Proof.swift, Preauth/, SignIn/, Resume/, Status/, Probes/; Limits/
// bounds the cost of requests; AuthTest/ is for admins; Assets/ serves images. This file has the list
// of routes and is the only file that turns an error into a page.

package import Captive
import Foundation
package import HTTPServer
package import Logging
import NetworkAddress
import OAuth
package import Pages
package import Storage

/// The guest side of the portal and its dependencies.
package struct GuestPortal: Sendable {
    let store: Store
    let instances: InstanceCatalog
    let reconciler: any AccessReconciler
    let gateways: any GatewayDirectory
    let limits: any GuestLimits
    let pages: GuestPages
    let tokens: GuestTokens
    let resumeCodes: ResumeCodes
    let publicURL: PublicURL
    let now: WallClock
    let logger: Logger
    let tries: AttemptLimiter
    /// Look-ups of devices at routers, by source. Many guests may share a source.
    let lookUps = RateLimit<IPAddress>(600)
    /// Look-ups of devices that have a session, by source.
    let returns = RateLimit<IPAddress>(6_000)
    let signIns: SignInServices
    let assets: ThemeAssets

    /// - Parameter triesPerMinute: attempts to enter a code that one device has in a minute.
    package init(
        store: Store, instances: InstanceCatalog, reconciler: any AccessReconciler, gateways: any GatewayDirectory,
        limits: any GuestLimits,
        signIns: SignInServices, pages: GuestPages, assets: ThemeAssets, sealer: Sealer, publicURL: PublicURL,
        now: @escaping WallClock, triesPerMinute: Int = 10, logger: Logger
    ) {
        self.store = store
        self.instances = instances
        self.reconciler = reconciler
        self.gateways = gateways
        self.limits = limits
        self.pages = pages
        self.assets = assets
        self.tokens = GuestTokens(sealer: sealer, now: now)
        resumeCodes = ResumeCodes(sealer: sealer)
        self.publicURL = publicURL
        self.now = now
        self.logger = logger
        self.tries = AttemptLimiter(perDevice: triesPerMinute)
        self.signIns = signIns
    }

    /// The routes for guests.
    package var routes: [Route] {
        [
            page(.get, "/hotspot/{siteId}") { try await enter($0) },
            page(.post, "/hotspot/{siteId}") { try await enter($0) },
            page(.get, "/preauth", immediately: { preauthPageInMemory($0) }, { try await preauthPage($0) }),
            page(.post, "/preauth") { try await submitProof($0) },
            page(.get, "/oauth/{provider}/callback") { try await callback($0) },
            page(.get, "/c/{code}") { try await followCodeLink($0) },
            page(.get, "/go/{code}") { try await takeHandover($0) },
            page(.get, "/auth-test/{integrationId}") { try await authTestPage($0) },
            page(.post, "/auth-test/{integrationId}") { try await startAuthTest($0) },
            page(.get, "/status") { try await statusPage($0) },
            page(.get, "/logout") { try await signOutPage($0) },
            page(.post, "/logout") { try await signOut($0) },
            page(.get, "/resume") { try await resumePage($0) },
            page(.post, "/resume") { try await resumeHere($0) },
            page(.get, "/captive-portal/api") { try await captivePortalAPI($0) },
            page(.get, "/") { try await home($0) },
            page(.get, "/errors/{code}") { apiErrorPage($0) },
            page(
                .get, "/captive/assets/{imageId}/{file}", immediately: { assets.responseInMemory(to: $0) },
                { try await assets.response(to: $0) }),
        ]
    }

    /// Size limit of a form that a guest sends, in bytes.
    package static let formLimit = 65_536

    private func page(
        _ method: Method, _ pattern: String, immediately: (@Sendable (Request) -> Response?)? = nil,
        _ handler: @escaping @Sendable (Request) async throws -> Response
    ) -> Route {
        Route(method, pattern, bodyLimit: method == .post ? Self.formLimit : 0, immediately: immediately) { request in
            do {
                return try await handler(request)
            } catch {
                return refusal(of: error, to: request)
            }
        }
    }

    /// Handles the form of the page: a code, or a request to sign in.
    private func submitProof(_ request: Request) async throws -> Response {
        let ticket = try tokens.openGuest(request.queryValue("token"))
        try await refuseForeign(request, ticket)
        guard let instance = try await instances.instance(ticket.instanceID) else { throw GuestRefusal(.closed) }
        guard
            try await instances.subnets().claim(at: ticket.siteID, ticket.client.ip)?.instanceID == instance.id
        else { throw GuestRefusal(.network) }
        return switch instance.strategy {
        case .coupon: try await enterCode(request, instance, ticket)
        case .oauth2: try await startSignIn(request, instance, ticket)
        }
    }

    /// Returns the page that explains an error and how to continue. Writes a log line if an operator must act.
    package func refusal(of error: any Error, to request: Request) -> Response {
        switch error {
        case let refusal as GuestRefusal:
            let page = GuestPage.problem(refusal.problem, back: refusal.wayBack)
            return pages.response(page, status: refusal.status, to: request)
        case let error as HTTPError:
            return pages.response(.problem(.request, back: "/"), status: error.status, to: request)
        default:
            logger.error(
                "guest request failed", metadata: ["path": "\(Self.unsecret(request.path))", "error": "\(error)"])
            let isUnavailable = (error as? any StoreFault)?.isUnavailable == true
            let problem: GuestPage.Problem =
                isUnavailable ? .unavailable(keepsCode: Self.bringsCode(request)) : .internalError
            return pages.response(.problem(problem), to: request)
        }
    }

    /// Returns true if the request contains a code; the code is then not used.
    private static func bringsCode(_ request: Request) -> Bool {
        request.method == .post && request.path == "/preauth" && (try? request.formFields()["code"]) != nil
    }

    /// Returns a path without the code that it may contain.
    private static func unsecret(_ path: String) -> String {
        ["/c/", "/go/"].first(where: path.hasPrefix).map { $0 + "…" } ?? path
    }

    /// Returns the page for a request that the server itself refuses, such as a form that is too large. The guest and
    /// the instance are unknown.
    package func refusal(_ status: Status) -> Response {
        pages.response(.problem(.request, back: "/"), status: status, to: Request(method: .get, target: "/"))
    }

    /// Returns the page for an address that does not exist.
    package func notFound(_ request: Request) -> Response { pages.response(.problem(.missing), to: request) }

    /// Returns the page for a known address that is requested with a method that is not in `allow` (RFC 9110 section
    /// 15.5.6).
    package func methodNotAllowed(allow: [Method], _ request: Request) -> Response {
        var response = pages.response(.problem(.request, back: "/"), status: .methodNotAllowed, to: request)
        response.headers["Allow"] = allow.map(\.rawValue).joined(separator: ", ")
        return response
    }

    /// Returns the page that explains an error code of the control API, for `doc_url`.
    package func apiErrorPage(_ request: Request) -> Response {
        pages.apiError(request.pathParameters["code"] ?? "") ?? notFound(request)
    }
}
