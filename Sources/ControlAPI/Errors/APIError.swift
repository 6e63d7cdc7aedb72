package import HTTPServer

/// An error as the API returns it.
package struct APIError: Error, Sendable {
    package let code: ErrorCode
    /// What happened and what to do, in English. Contains no secrets.
    package let message: String
    /// Additional response headers, such as `Allow`.
    package var headers: Headers

    package init(_ code: ErrorCode, _ message: String, headers: Headers = [:]) {
        self.code = code
        self.message = message
        self.headers = headers
    }
}

extension APIError {
    /// The text is the one in the documents that the API was specified by.
    static func missing(_ name: String) -> APIError {
        APIError(.parameterMissing, "The '\(name)' parameter is required for this request.")
    }

    /// `expected` completes "The 'x' parameter must be …".
    static func invalid(_ name: String, _ expected: String) -> APIError {
        APIError(.parameterInvalid, "The '\(name)' parameter must be \(expected).")
    }

    static func unknown(_ name: String, nearest: String?) -> APIError {
        let hint = nearest.map { " Did you mean '\($0)'?" } ?? ""
        return APIError(.parameterUnknown, "Unknown parameter: '\(name.shortened)'.\(hint)")
    }

    /// `kind` is the kind of resource, such as `instance`.
    static func notFound(_ kind: String) -> APIError {
        APIError(.resourceNotFound, "No such \(kind). Check the ID.")
    }
}
