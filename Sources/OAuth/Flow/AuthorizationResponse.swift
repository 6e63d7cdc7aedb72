/// An authorization response, which the browser carries from the provider (RFC 6749 section 4.1.2, RFC 9207).
package struct AuthorizationResponse: Sendable {
    private let fields: [(name: String, value: String)]

    /// - Parameter query: the raw query, without the question mark.
    package init(query: String) { fields = FormURLEncoding.decode(query) }

    /// The sealed transaction; nil if it is missing or repeated.
    package var state: String? { only("state") }

    var code: String? { only("code") }
    var error: String? { only("error") }
    var description: String? { only("error_description") }
    var issuer: String? { only("iss") }

    /// Whether a parameter is repeated, which RFC 6749 section 3.1 forbids.
    var isAmbiguous: Bool {
        ["code", "state", "error", "iss"].contains { name in fields.count { $0.name == name } > 1 }
    }

    private func only(_ name: String) -> String? {
        let values = fields.filter { $0.name == name }
        return values.count == 1 ? values[0].value : nil
    }
}
