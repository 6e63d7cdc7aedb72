/// A response's status code (RFC 9110 section 15). Codes without a constant here are sent without a reason phrase.
package struct Status: Hashable, Sendable, RawRepresentable, ExpressibleByIntegerLiteral {
    /// 100 to 599; the server sends 500 instead of any other status.
    package let rawValue: Int

    /// Accepts any number; see `rawValue`.
    package init(rawValue: Int) { self.rawValue = rawValue }
    /// A status from a literal.
    package init(integerLiteral value: Int) { rawValue = value }

    package static let ok: Status = 200
    package static let created: Status = 201
    package static let accepted: Status = 202
    package static let noContent: Status = 204
    package static let movedPermanently: Status = 301
    package static let found: Status = 302
    package static let seeOther: Status = 303
    package static let notModified: Status = 304
    package static let temporaryRedirect: Status = 307
    package static let permanentRedirect: Status = 308
    package static let badRequest: Status = 400
    package static let unauthorized: Status = 401
    package static let forbidden: Status = 403
    package static let notFound: Status = 404
    package static let methodNotAllowed: Status = 405
    package static let requestTimeout: Status = 408
    package static let conflict: Status = 409
    package static let gone: Status = 410
    package static let contentTooLarge: Status = 413
    package static let uriTooLong: Status = 414
    package static let unsupportedMediaType: Status = 415
    package static let expectationFailed: Status = 417
    package static let unprocessableContent: Status = 422
    package static let tooManyRequests: Status = 429
    package static let headerFieldsTooLarge: Status = 431
    package static let internalServerError: Status = 500
    package static let notImplemented: Status = 501
    package static let badGateway: Status = 502
    package static let serviceUnavailable: Status = 503
    package static let gatewayTimeout: Status = 504
    package static let versionNotSupported: Status = 505

    /// The registered reason phrase; empty for a code without a constant here.
    package var reason: String { Status.reasons[rawValue] ?? "" }

    /// Whether a response with this status may have content (RFC 9110 section 6.4.1).
    package var allowsBody: Bool { rawValue >= 200 && rawValue != 204 && rawValue != 304 }

    var isValid: Bool { (200...599).contains(rawValue) }

    private static let reasons: [Int: String] = [
        100: "Continue", 200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 301: "Moved Permanently",
        302: "Found", 303: "See Other", 304: "Not Modified", 307: "Temporary Redirect", 308: "Permanent Redirect",
        400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
        408: "Request Timeout", 409: "Conflict", 410: "Gone", 413: "Content Too Large", 414: "URI Too Long",
        415: "Unsupported Media Type", 417: "Expectation Failed", 422: "Unprocessable Content",
        429: "Too Many Requests", 431: "Request Header Fields Too Large", 500: "Internal Server Error",
        501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
        505: "HTTP Version Not Supported",
    ]
}

extension Status: CustomStringConvertible {
    /// Code and reason phrase, such as `404 Not Found`.
    package var description: String { reason.isEmpty ? "\(rawValue)" : "\(rawValue) \(reason)" }
}
