/// A method, a path pattern and a handler.
///
/// A pattern consists of literal segments and parameters: `/captive/instances/{id}/images/{type}`. A last segment
/// `{rest...}` matches the rest of the path, which may be empty.
package struct Route: Sendable {
    /// The method of this route. A GET route also handles HEAD.
    package let method: Method
    /// As given.
    package let pattern: String
    /// Maximum number of bytes of content of a request.
    package let bodyLimit: Int
    /// Returns the response if it is available without waiting; see `Responder.respondImmediately`.
    package let immediately: (@Sendable (Request) -> Response?)?
    /// Returns the response; see `Responder.respond`. The router's owner turns thrown errors into responses.
    package let handler: @Sendable (Request) async throws -> Response

    /// A route; a `bodyLimit` of 0 allows no content.
    package init(
        _ method: Method, _ pattern: String, bodyLimit: Int = 0,
        immediately: (@Sendable (Request) -> Response?)? = nil,
        _ handler: @escaping @Sendable (Request) async throws -> Response
    ) {
        (self.method, self.pattern, self.bodyLimit) = (method, pattern, bodyLimit)
        (self.immediately, self.handler) = (immediately, handler)
    }
}
