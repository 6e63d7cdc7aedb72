package import HTTPServer

/// The published error codes of the control API.
package enum ErrorCode: String, Sendable, CaseIterable {
    case jsonInvalid = "json_invalid"
    case parameterMissing = "parameter_missing"
    case parameterInvalid = "parameter_invalid"
    case parameterUnknown = "parameter_unknown"
    case tokenMissing = "token_missing"
    case tokenInvalid = "token_invalid"
    case tokenExpired = "token_expired"
    case scopeMissing = "scope_missing"
    case driverNotAllowed = "driver_not_allowed"
    case tlsRequired = "tls_required"
    case signatureInvalid = "signature_invalid"
    case signatureExpired = "signature_expired"
    case resourceNotFound = "resource_not_found"
    case routeNotFound = "route_not_found"
    case methodNotAllowed = "method_not_allowed"
    case conflict
    case payloadTooLarge = "payload_too_large"
    case mediaTypeUnsupported = "media_type_unsupported"
    case rateLimited = "rate_limited"
    case internalError = "internal_error"
    case routerUnreachable = "router_unreachable"
    case unavailable

    package var status: Status {
        switch self {
        case .jsonInvalid, .parameterMissing, .parameterInvalid, .parameterUnknown: .badRequest
        case .tokenMissing, .tokenInvalid, .tokenExpired: .unauthorized
        case .scopeMissing, .driverNotAllowed, .tlsRequired, .signatureInvalid, .signatureExpired: .forbidden
        case .resourceNotFound, .routeNotFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .conflict: .conflict
        case .payloadTooLarge: .contentTooLarge
        case .mediaTypeUnsupported: .unsupportedMediaType
        case .rateLimited: .tooManyRequests
        case .internalError: .internalServerError
        case .routerUnreachable: .badGateway
        case .unavailable: .serviceUnavailable
        }
    }

    /// All values of `type`.
    static var types: [String] { Array(Set(allCases.map(\.type))).sorted() }

    /// The category of the error: `type` in the response.
    package var type: String {
        switch status.rawValue {
        case 401: "authentication_error"
        case 403: "permission_error"
        case 404: "not_found_error"
        case 409: "conflict_error"
        case 429: "rate_limit_error"
        case 500...: "api_error"
        default: "invalid_request_error"
        }
    }
}

extension ErrorCode: JSONRepresentable {}
