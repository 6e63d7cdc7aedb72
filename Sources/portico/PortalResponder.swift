import ControlAPI
import Foundation
import GuestPortal
import HTTPServer

/// Decides who answers: the guest's side for what a router intercepted, else the routes of both sides, else a file.
struct PortalResponder: Responder {
    let router: HTTPServer.Router
    let guest: GuestPortal
    let control: ControlAPI
    let files: StaticFiles
    /// Whether anybody can reach the portal over https: a listener or a proxy ends TLS.
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

    /// Bytes of content that are read although nothing asked for them, so that the answer is the route's own,
    /// such as that there is none.
    private static let needlessContent = 65_536

    func bodyLimit(method: Method, path: String) -> Int {
        guard case .found(let route, _) = router.match(method, path), route.bodyLimit > 0 else {
            return Self.needlessContent
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

    /// The answer to what should have come over https; nil for what may come in plain.
    private func plainResponse(to request: Request) -> Response? {
        guard guest.isPlain(request) else { return nil }
        if isAPI(request.path) { return control.tlsRequired(request) }
        return isSecured ? guest.secured(request) : nil
    }

    private func isAPI(_ path: String) -> Bool { ControlAPI.owns(path: path) }
}
