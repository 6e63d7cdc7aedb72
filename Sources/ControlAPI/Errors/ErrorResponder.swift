import Captive
import Doctor
import HTTPServer

/// Converts every error into a response.
struct ErrorResponder: Sendable {
    /// The portal's origin, without a trailing slash.
    let publicURL: String

    func response(to error: any Error) -> Response {
        let apiError = Self.apiError(for: error)
        var response = Response.json(apiError.code.status, shape.json(apiError))
        for field in apiError.headers.fields { response.headers.add(field.name, field.value) }
        return response
    }

    var shape: Shape<APIError> {
        Shape(
            "Error",
            [
                .init("type", "The category of the error.", schema: .enumeration(ErrorCode.types)) { $0.code.type },
                .init("code", "The machine-readable error code.") { $0.code },
                .init("message", "What happened and what to do.") { $0.message },
                .init("doc_url", "A page that explains the code.", schema: .uri) { [publicURL] in
                    "\(publicURL)/errors/\($0.code.rawValue)"
                },
            ])
    }

    static func apiError(for error: any Error) -> APIError {
        switch error {
        case let error as APIError: error
        case StoreError.notFound: .notFound("resource")
        case StoreError.conflict(let reason): APIError(.conflict, reason)
        case let busy as SiteExaminationBusy:
            APIError(
                .rateLimited,
                "A check of this site is already running, or too many checks are. Retry after \(busy.retryAfter) s.",
                headers: ["Retry-After": String(busy.retryAfter)])
        case let error as GatewayError: APIError(.routerUnreachable, error.explanation)
        case let fault as any StoreFault where fault.isUnavailable:
            APIError(
                .unavailable, "The database is not available. Retry after 60 s.",
                headers: ["Retry-After": "60"])
        default:
            APIError(.internalError, "Internal error. It has been logged. Try again later.")
        }
    }
}

extension Response {
    /// A JSON response that is not cached, since it may contain coupon codes and signed URLs.
    static func json(_ status: Status, _ value: JSONValue, headers: Headers = [:]) -> Response {
        var response = Response(status, headers: headers, body: .bytes(value.bytes))
        response.headers["Content-Type"] = "application/json"
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response
    }
}
