/// What a server asks for answers.
package protocol Responder: Sendable {
    /// The answer, if it is at hand. Runs on the connection's event loop and must not block.
    ///
    /// nil means that the answer takes waiting; then `respond(to:)` is called.
    func respondImmediately(to request: Request) -> Response?

    /// The answer. Runs on the connection's own loop and returns to it after each wait; is cancelled when the client is
    /// gone. Must not block. Owns the one place where errors become answers.
    func respond(to request: Request) async -> Response

    /// How many bytes of content such a request may have, asked once its head is read; 0 for none.
    func bodyLimit(method: Method, path: String) -> Int

    /// What to say when the server itself refuses a message; nil for a plain text line.
    ///
    /// `path` is as sent if it could not be decoded, and nil if the request line could not be read.
    func refusal(_ status: Status, path: String?) -> Response?
}

extension Responder {
    /// Nothing is at hand.
    package func respondImmediately(to request: Request) -> Response? { nil }
    /// No content.
    package func bodyLimit(method: Method, path: String) -> Int { 0 }
    /// The server's plain text.
    package func refusal(_ status: Status, path: String?) -> Response? { nil }
}
