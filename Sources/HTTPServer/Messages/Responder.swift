/// The application behind a server: responds to requests.
package protocol Responder: Sendable {
    /// Finds the route of a request. Called once for each request, after its head is read; `Request.match` has the
    /// result.
    func match(_ method: Method, _ path: String) -> Router.Match

    /// Maximum number of bytes of content of a request without a route, or whose route has no limit of its own. A
    /// responder reads and ignores such content so that its response is that of the route, such as 404.
    var bodyLimit: Int { get }

    /// Returns the response if it is available without waiting, otherwise nil; the server then calls `respond(to:)`.
    ///
    /// Runs on the connection's event loop and must not block.
    func respondImmediately(to request: Request) -> Response?

    /// Returns the response, also for errors.
    ///
    /// Runs on the connection's event loop, also after each suspension, and must not block. The task is cancelled when
    /// the client disconnects.
    func respond(to request: Request) async -> Response

    /// Returns the response to a request that the server itself refuses; nil for a line of plain text.
    ///
    /// `path` is the path as sent if it could not be decoded; nil if the request line could not be parsed.
    func refusal(_ status: Status, path: String?) -> Response?
}

extension Responder {
    /// Returns `.notFound`.
    package func match(_ method: Method, _ path: String) -> Router.Match { .notFound }
    /// Returns nil.
    package func respondImmediately(to request: Request) -> Response? { nil }
    /// Returns 0.
    package var bodyLimit: Int { 0 }
    /// Returns nil.
    package func refusal(_ status: Status, path: String?) -> Response? { nil }
}
