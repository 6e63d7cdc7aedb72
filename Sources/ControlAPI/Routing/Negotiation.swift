import HTTPServer

extension Endpoint {
    /// This call, which also returns `mediaType` if the request prefers it to JSON.
    func offering(_ mediaType: String, _ handle: @escaping @Sendable (Call) async throws -> Response) -> Endpoint {
        var endpoint = self
        endpoint.response.alternatives.append(mediaType)
        guard case .authenticated(let scope, let usual) = work else { return self }
        endpoint.work = .authenticated(scope) { call in
            call.request.prefers(mediaType, to: "application/json") ? try await handle(call) : try await usual(call)
        }
        return endpoint
    }
}

extension Request {
    /// Whether `Accept` (RFC 9110 section 12.5.1) names `first`, and does not give `second` a greater weight.
    func prefers(_ first: String, to second: String) -> Bool {
        var weights: [String: Double] = [:]
        for range in headers.values("Accept").joined(separator: ",").lowercased().split(separator: ",") {
            let parts = range.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
            guard let type = parts.first else { continue }
            weights[type] = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
        }
        guard let weight = weights[first], weight > 0 else { return false }
        return weight >= weights[second] ?? 0
    }
}
