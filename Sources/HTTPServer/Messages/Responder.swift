/// The application behind a server: responds to requests.
package protocol Responder: Sendable {
    /// Returns the response if it is available without waiting, otherwise nil; the server then calls `respond(to:)`.
    ///
    /// Runs on the connection's event loop and must not block.
    func respondImmediately(to request: Request) -> Response?

    /// Returns the response, also for errors.
    ///
    /// Runs on the connection's event loop, also after each suspension, and must not block. The task is cancelled when
    /// the client disconnects.
    func respond(to request: Request) async -> Response

    /// Returns the maximum number of bytes of content for a request; 0 for none. Called after its head is read.
    func bodyLimit(method: Method, path: String) -> Int

    /// Returns the response to a request that the server itself refuses; nil for a line of plain text.
    ///
    /// `path` is the path as sent if it could not be decoded; nil if the request line could not be parsed.
    func refusal(_ status: Status, path: String?) -> Response?
}

extension Responder {
    /// Returns nil.
    package func respondImmediately(to request: Request) -> Response? { nil }
    /// Returns 0.
    package func bodyLimit(method: Method, path: String) -> Int { 0 }
    /// Returns nil.
    package func refusal(_ status: Status, path: String?) -> Response? { nil }
}
