import HTTPServer

/// One call of the API: method, path and what it does.
struct Endpoint: Sendable {
    let method: HTTPServer.Method
    /// With the base path `/captive`.
    let path: String
    /// Whether it also answers under the older path, the one without `/captive`.
    let hasOlderPath: Bool
    let handle: @Sendable (Call) async throws -> Response

    init(
        _ method: HTTPServer.Method, _ path: String, olderPath: Bool = true,
        _ handle: @escaping @Sendable (Call) async throws -> Response
    ) {
        self.method = method
        self.path = ControlAPI.basePath + path
        hasOlderPath = olderPath
        self.handle = handle
    }

    var patterns: [String] { hasOlderPath ? [path, String(path.dropFirst(ControlAPI.basePath.count))] : [path] }

    var hasBody: Bool { method == .post || method == .put }
}
