import HTTPServer

/// API errors for requests that the server rejects before a handler runs.
enum ServerErrorMapping {
    static func error(for status: Status) -> APIError? {
        switch status {
        case .badRequest: APIError(.parameterInvalid, "The request is not a well-formed HTTP request.")
        case .notFound: APIError(.routeNotFound, "Unknown API path.")
        case .contentTooLarge: APIError(.payloadTooLarge, "The request body is larger than this call accepts.")
        case .unsupportedMediaType:
            APIError(.mediaTypeUnsupported, "The body must be JSON, sent with 'Content-Type: application/json'.")
        case .tooManyRequests: APIError(.rateLimited, "Too many requests. Try again later.")
        case .internalServerError: APIError(.internalError, "Internal error. Try again later.")
        case .serviceUnavailable: APIError(.unavailable, "The portal is not available. Retry in a few seconds.")
        default: nil
        }
    }
}
