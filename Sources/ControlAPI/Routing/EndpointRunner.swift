import Captive
import HTTPServer
import Logging

/// Runs an endpoint for a request: checks the token, turns what is thrown into an answer, and writes one line.
struct EndpointRunner: Sendable {
    let tokens: TokenVerifier
    let errors: ErrorAnswer
    /// Bytes.
    let bodyLimit: Int
    let logger: Logger

    func route(_ endpoint: Endpoint, pattern: String) -> Route {
        Route(endpoint.method, pattern, bodyLimit: endpoint.hasBody ? bodyLimit : 0) { request in
            await run(endpoint, pattern: pattern, request)
        }
    }

    private func run(_ endpoint: Endpoint, pattern: String, _ request: Request) async -> Response {
        let start = ContinuousClock.now
        var line: Logger.Metadata = ["method": "\(request.method)", "route": "\(pattern)"]
        let response: Response
        do {
            let needed: APIToken.Scope = endpoint.method == .get ? .read : .write
            let caller = try await tokens.caller(authorization: request.headers.values("Authorization"), needs: needed)
            line["token"] = caller.tokenID.map { "\($0)" }
            response = try await endpoint.handle(Call(request: request, caller: caller))
        } catch {
            response = errors.response(to: error)
            if response.status == .internalServerError { line["error"] = "\(String(describing: error).prefix(400))" }
        }
        write(line, response.status, since: start)
        return response
    }

    private func write(_ line: Logger.Metadata, _ status: Status, since start: ContinuousClock.Instant) {
        var line = line
        line["status"] = "\(status.rawValue)"
        line["ms"] = "\((ContinuousClock.now - start) / .milliseconds(1))"
        logger.log(level: status == .internalServerError ? .error : .info, "control API", metadata: line)
    }
}
