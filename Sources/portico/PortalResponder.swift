import ControlAPI
import Foundation
import GuestPortal
import HTTPServer

/// Dispatches requests: intercepted ones to the guest portal, others to the routes of guest portal and control API, or
/// to static files.
struct PortalResponder: Responder {
    let router: HTTPServer.Router
    let guest: GuestPortal
    let control: ControlAPI
    let files: StaticFiles
    /// Whether the portal is reachable over https, by a listener or a proxy that terminates TLS.
    let isSecured: Bool

    func respondImmediately(to request: Request) -> Response? {
        if let response = plainResponse(to: request) { return response }
        if guest.isIntercepted(request) { return guest.interceptInMemory(request) }
        guard case .found(let route, let parameters) = match(request), let immediately = route.immediately else {
            return nil
        }
        return immediately(parameters.isEmpty ? request : with(request, parameters))
    }

    func respond(to request: Request) async -> Response {
        if guest.isIntercepted(request) { return await guest.intercept(request) }
        switch match(request) {
        case .found(let route, let parameters):
            return await answer(route, with(request, parameters))
        case .methodNotAllowed(let allow):
            return isAPI(request.path)
                ? control.methodNotAllowed(allow: allow, request) : guest.methodNotAllowed(allow: allow, request)
        case .notFound:
            return isAPI(request.path) ? control.notFound(request) : file(request)
        }
    }

    /// The body limit in bytes of requests without a route or without a body limit. The body is read and ignored, so
    /// that the response is that of the route, such as 404.
    private static let ignoredBodyLimit = 65_536

    func bodyLimit(method: Method, path: String) -> Int {
        guard case .found(let route, _) = router.match(method, path), route.bodyLimit > 0 else {
            return Self.ignoredBodyLimit
        }
        return route.bodyLimit
    }

    func refusal(_ status: Status, path: String?) -> Response? {
        path.flatMap { isAPI($0) ? control.errorResponse(for: status) : guest.refusal(status) }
    }

    private func match(_ request: Request) -> HTTPServer.Router.Match { router.match(request.method, request.path) }

    private func with(_ request: Request, _ parameters: [String: String]) -> Request {
        var request = request
        request.pathParameters = parameters
        return request
    }

    private func answer(_ route: Route, _ request: Request) async -> Response {
        do {
            return try await route.handler(request)
        } catch {
            return guest.refusal(of: error, to: request)
        }
    }

    private func file(_ request: Request) -> Response {
        let response = files.respond(to: request, path: String(request.path.dropFirst()))
        return response.status == .notFound ? guest.notFound(request) : response
    }

    /// Returns the response to a plain HTTP request that requires https; nil if plain HTTP is allowed.
    private func plainResponse(to request: Request) -> Response? {
        guard guest.isPlain(request) else { return nil }
        if isAPI(request.path) { return control.tlsRequired(request) }
        return isSecured ? guest.secured(request) : nil
    }

    private func isAPI(_ path: String) -> Bool { ControlAPI.owns(path: path) }
}
