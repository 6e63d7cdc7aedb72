/// The final answer to a request, with its whole body.
package struct HTTPResponse: Sendable {
    /// 100 to 599.
    package let status: Int
    /// In arrival order, names as sent.
    package let headers: [(name: String, value: String)]
    /// Decoded from chunks, not from a content coding.
    package let body: [UInt8]
    /// What the server showed; nil unless the request's trust was `.observed` and its scheme `https`.
    package let certificate: ServerCertificate?

    /// An answer made of parts, for tests.
    package init(
        status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
        certificate: ServerCertificate? = nil
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.certificate = certificate
    }

    /// The first value of the field; the name's case does not matter (RFC 9110 section 5.1).
    package subscript(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }
}
