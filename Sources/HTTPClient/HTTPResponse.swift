/// The final response to a request, with its complete body.
package struct HTTPResponse: Sendable {
    /// 100 to 599.
    package let status: Int
    /// In arrival order, names as sent.
    package let headers: [(name: String, value: String)]
    /// The body without chunk framing; content codings are not decoded.
    package let body: [UInt8]
    /// The server's certificate; nil unless the request's trust is `.observed` and its scheme `https`.
    package let certificate: ServerCertificate?

    /// A response from its parts, for tests.
    package init(
        status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
        certificate: ServerCertificate? = nil
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.certificate = certificate
    }

    /// The first value of the field; names are case-insensitive (RFC 9110 section 5.1).
    package subscript(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }
}
