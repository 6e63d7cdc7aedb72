/// A method, a pattern of paths, and who answers.
///
/// A pattern is literal segments and parameters: `/captive/instances/{id}/images/{type}`. A last segment `{rest...}`
/// matches what is left, be it empty.
package struct Route: Sendable {
    package let method: Method
    package let pattern: String
    /// Bytes of content that a request may have.
    package let bodyLimit: Int
    /// The answer if it is at hand; see `Responder.respondImmediately`.
    package let immediately: (@Sendable (Request) -> Response?)?
    package let handler: @Sendable (Request) async throws -> Response

    package init(
        _ method: Method, _ pattern: String, bodyLimit: Int = 0,
        immediately: (@Sendable (Request) -> Response?)? = nil,
        _ handler: @escaping @Sendable (Request) async throws -> Response
    ) {
        (self.method, self.pattern, self.bodyLimit) = (method, pattern, bodyLimit)
        (self.immediately, self.handler) = (immediately, handler)
    }
}
