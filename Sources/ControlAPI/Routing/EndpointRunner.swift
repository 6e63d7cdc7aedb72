import Captive
import HTTPServer
import Logging

/// Runs an endpoint for a request: checks the token, converts errors into responses, and writes one log line.
struct EndpointRunner: Sendable {
    let tokens: TokenVerifier
    let errors: ErrorResponder
    let idempotency: IdempotencyMiddleware
    /// In bytes.
    let bodyLimit: Int
    let logger: Logger

    func routes(of section: Section) -> [Route] {
        section.endpoints.flatMap { endpoint in
            endpoint.patterns.map { route(endpoint, about: section.resource, pattern: $0) }
        }
    }

    private func route(_ endpoint: Endpoint, about resource: String, pattern: String) -> Route {
        Route(endpoint.method, pattern, bodyLimit: endpoint.body.map { $0.limit ?? bodyLimit } ?? 0) { request in
            await run(endpoint, resource, pattern: pattern, request)
        }
    }

    private func run(
        _ endpoint: Endpoint, _ resource: String, pattern: String, _ request: Request
    ) async -> Response {
        let start = ContinuousClock.now
        var line: Logger.Metadata = ["method": "\(request.method)", "route": "\(pattern)"]
        let response: Response
        do {
            response = try await respond(endpoint, resource, request, &line)
        } catch {
            response = errors.response(to: error)
            if Self.isFault(response.status) { line["error"] = "\(String(describing: error).prefix(400))" }
        }
        write(line, response.status, since: start)
        return response
    }

    private func respond(
        _ endpoint: Endpoint, _ resource: String, _ request: Request, _ line: inout Logger.Metadata
    ) async throws -> Response {
        switch endpoint.work {
        case .unauthenticated(let handle): return try await handle(request)
        case .authenticated(let scope, let handle):
            let fields = request.headers.values("Authorization")
            let caller = try await tokens.caller(authorization: fields, needs: scope)
            line["token"] = caller.tokenID.map { "\($0)" }
            if endpoint.rejectsFields { try request.rejectFields() }
            let call = Call(request: request, caller: caller, publicURL: errors.publicURL)
            return try await idempotency.run(endpoint, about: resource, call, handle)
        }
    }

    private func write(_ line: Logger.Metadata, _ status: Status, since start: ContinuousClock.Instant) {
        var line = line
        line["status"] = "\(status.rawValue)"
        line["ms"] = "\((ContinuousClock.now - start) / .milliseconds(1))"
        logger.log(level: Self.isFault(status) ? .error : .info, "control API", metadata: line)
    }

    /// Whether an operator must act: logged as an error.
    private static func isFault(_ status: Status) -> Bool {
        status == .internalServerError || status == .serviceUnavailable
    }
}
