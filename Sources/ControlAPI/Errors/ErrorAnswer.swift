import Captive
import HTTPServer

/// The one place where an error becomes an answer.
struct ErrorAnswer: Sendable {
    /// The portal's origin, without a slash at the end.
    let publicURL: String

    func response(to error: any Error) -> Response {
        let refusal = Self.refusal(for: error)
        var response = Response.json(refusal.code.status, shape.json(refusal))
        for field in refusal.headers.fields { response.headers.add(field.name, field.value) }
        return response
    }

    var shape: Shape<APIError> {
        Shape(
            "Error",
            [
                .init("type", "The class of error.", schema: .words(ErrorCode.types)) { $0.code.type },
                .init("code", "What is wrong, as a stable word.") { $0.code },
                .init("message", "What is wrong, and what would be right, for people.") { $0.message },
                .init("doc_url", "A page on the code.", schema: .uri) { [publicURL] in
                    "\(publicURL)/errors/\($0.code.rawValue)"
                },
            ])
    }

    static func refusal(for error: any Error) -> APIError {
        switch error {
        case let error as APIError: error
        case StoreError.notFound: .notFound("resource")
        case StoreError.conflict(let reason): APIError(.conflict, reason)
        case let busy as SiteExaminationBusy:
            APIError(
                .rateLimited, "This site is being examined already, or too many sites are; ask again in a while.",
                headers: ["Retry-After": String(busy.retryAfter)])
        case let error as GatewayError: APIError(.routerUnreachable, error.explanation)
        case let fault as any StoreFault where fault.isUnavailable:
            APIError(
                .unavailable, "The portal cannot use its database at the moment. Try again in a minute.",
                headers: ["Retry-After": "60"])
        default:
            APIError(.internalError, "Something went wrong on our side. It has been logged; please try again later.")
        }
    }
}

extension Response {
    /// An answer that no cache keeps: it may hold coupon codes and signed addresses.
    static func json(_ status: Status, _ value: JSONValue, headers: Headers = [:]) -> Response {
        var response = Response(status, headers: headers, body: .bytes(value.bytes))
        response.headers["Content-Type"] = "application/json"
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response
    }
}
