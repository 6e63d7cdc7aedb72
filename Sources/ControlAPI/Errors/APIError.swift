package import HTTPServer

/// A refusal as its client reads it.
package struct APIError: Error, Sendable {
    package let code: ErrorCode
    /// A sentence for a person: what happened, and what would be right. Holds no secret.
    package let message: String
    /// Fields that the answer carries beside the body, such as `Allow`.
    package var headers: Headers

    package init(_ code: ErrorCode, _ message: String, headers: Headers = [:]) {
        self.code = code
        self.message = message
        self.headers = headers
    }
}

extension APIError {
    static func missing(_ name: String) -> APIError {
        APIError(.parameterMissing, "The '\(name)' parameter is required for this request.")
    }

    /// `expected` completes "The 'x' parameter must be …".
    static func invalid(_ name: String, _ expected: String) -> APIError {
        APIError(.parameterInvalid, "The '\(name)' parameter must be \(expected).")
    }

    static func unknown(_ name: String, nearest: String?) -> APIError {
        let hint = nearest.map { " Did you mean '\($0)'?" } ?? ""
        return APIError(.parameterUnknown, "The '\(name.shortened)' parameter is not known here.\(hint)")
    }

    /// `kind` is the resource's name in a sentence, such as `instance`.
    static func notFound(_ kind: String) -> APIError {
        APIError(.resourceNotFound, "There is no such \(kind). Check that the ID is correct.")
    }
}
