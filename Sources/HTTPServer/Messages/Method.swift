/// A request method: a case-sensitive token (RFC 9110 section 9.1).
package struct Method: Hashable, Sendable, ExpressibleByStringLiteral {
    /// As on the wire.
    package let rawValue: String

    /// Any token; case matters.
    package init(rawValue: String) { self.rawValue = rawValue }
    /// A method from a literal.
    package init(stringLiteral value: String) { rawValue = value }

    package static let get: Method = "GET"
    package static let head: Method = "HEAD"
    package static let post: Method = "POST"
    package static let put: Method = "PUT"
    package static let delete: Method = "DELETE"
    package static let options: Method = "OPTIONS"
    package static let patch: Method = "PATCH"
    static let connect: Method = "CONNECT"
}

extension Method: CustomStringConvertible {
    /// As on the wire.
    package var description: String { rawValue }
}
