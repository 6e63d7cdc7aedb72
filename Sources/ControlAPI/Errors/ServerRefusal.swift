import HTTPServer

/// What the server refuses before any handler runs, in the API's words.
enum ServerRefusal {
    static func error(for status: Status) -> APIError? {
        switch status {
        case .badRequest: APIError(.parameterInvalid, "The request is not a well-formed HTTP request.")
        case .notFound: APIError(.routeNotFound, "There is nothing at this path.")
        case .contentTooLarge: APIError(.payloadTooLarge, "The request's body is larger than this path takes.")
        case .unsupportedMediaType:
            APIError(.mediaTypeUnsupported, "The body must be JSON, sent with 'Content-Type: application/json'.")
        case .tooManyRequests: APIError(.rateLimited, "There were too many requests; wait before the next.")
        case .internalServerError: APIError(.internalError, "Something went wrong on our side. Try again later.")
        case .serviceUnavailable: APIError(.unavailable, "The portal cannot answer now; try again in a few seconds.")
        default: nil
        }
    }
}
