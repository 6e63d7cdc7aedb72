import Captive
import HTTPServer

/// Why a token is rejected, with the challenge of RFC 6750 section 3.
enum TokenError {
    case missing, invalid, expired
    case lacks(APIToken.Scope)

    var error: APIError {
        switch self {
        case .missing:
            apiError(.tokenMissing, "Missing API token. Send the header 'Authorization: Bearer <token>'.")
        case .invalid:
            apiError(.tokenInvalid, "The API token is invalid or has been revoked.", #", error="invalid_token""#)
        case .expired:
            apiError(.tokenExpired, "The API token has expired.", #", error="invalid_token""#)
        case .lacks(let scope):
            apiError(
                .scopeMissing,
                "The API token does not have the scope '\(scope.rawValue)', which this request requires.",
                #", error="insufficient_scope", scope="\#(scope.rawValue)""#)
        }
    }

    private func apiError(_ code: ErrorCode, _ message: String, _ attributes: String = "") -> APIError {
        APIError(code, message, headers: ["WWW-Authenticate": #"Bearer realm="portico"\#(attributes)"#])
    }
}
