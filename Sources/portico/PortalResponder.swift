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

    func match(_ method: Method, _ path: String) -> HTTPServer.Router.Match { router.match(method, path) }

    func respondImmediately(to request: Request) -> Response? {
        if let response = plainResponse(to: request) { return response }
        if guest.isIntercepted(request) { return guest.interceptInMemory(request) }
        guard case .found(let route, _) = request.match else { return nil }
        return route.immediately?(request)
    }

    func respond(to request: Request) async -> Response {
        if guest.isIntercepted(request) { return await guest.intercept(request) }
        switch request.match {
        case .found(let route, _):
            return await answer(route, request)
        case .methodNotAllowed(let allow):
            return isAPI(request.path)
                ? control.methodNotAllowed(allow: allow, request) : guest.methodNotAllowed(allow: allow, request)
        case .notFound:
            return isAPI(request.path) ? control.notFound(request) : file(request)
        }
    }

    let bodyLimit = 65_536

    func refusal(_ status: Status, path: String?) -> Response? {
        path.flatMap { isAPI($0) ? control.errorResponse(for: status) : guest.refusal(status) }
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
