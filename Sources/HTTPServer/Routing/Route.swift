/// A method, a pattern of paths, and who answers.
///
/// A pattern is literal segments and parameters: `/captive/instances/{id}/images/{type}`. A last segment `{rest...}`
/// matches what is left, be it empty.
package struct Route: Sendable {
    /// The one method that this route answers, and HEAD if it is GET.
    package let method: Method
    /// As given.
    package let pattern: String
    /// Bytes of content that a request may have.
    package let bodyLimit: Int
    /// The answer if it is at hand; see `Responder.respondImmediately`.
    package let immediately: (@Sendable (Request) -> Response?)?
    /// The answer; see `Responder.respond`. What it throws is for the router's owner to answer.
    package let handler: @Sendable (Request) async throws -> Response

    /// A route; a `bodyLimit` of 0 means no content.
    package init(
        _ method: Method, _ pattern: String, bodyLimit: Int = 0,
        immediately: (@Sendable (Request) -> Response?)? = nil,
        _ handler: @escaping @Sendable (Request) async throws -> Response
    ) {
        (self.method, self.pattern, self.bodyLimit) = (method, pattern, bodyLimit)
        (self.immediately, self.handler) = (immediately, handler)
    }
}
