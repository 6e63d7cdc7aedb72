/// What each error code means, for the page behind `doc_url`.
package struct ErrorCatalog {
    package struct Entry: Sendable {
        package let code: ErrorCode
        package let title: String
        /// What has happened.
        package let explanation: String
        /// What to do about it.
        package let remedy: String
    }

    /// Every code, in the order of `ErrorCode`.
    package static let entries = ErrorCode.allCases.map(entry)

    /// The entry of a code as it stands in an address; nil for any other text.
    package static func entry(named code: String) -> Entry? { ErrorCode(rawValue: code).map(entry) }

    package static func entry(_ code: ErrorCode) -> Entry {
        let (title, explanation, remedy) = words(for: code)
        return Entry(code: code, title: title, explanation: explanation, remedy: remedy)
    }

    private static func words(for code: ErrorCode) -> (title: String, explanation: String, remedy: String) {
        switch code {
        case .jsonInvalid:
            (
                "The body is not valid JSON",
                "The request's body could not be read as one JSON object in UTF-8, or it has a field twice.",
                "Check the body with a JSON validator, and send it as UTF-8."
            )
        case .parameterMissing:
            (
                "A required parameter is missing",
                "The request lacks a parameter that it cannot do without.",
                "Add the parameter that the message names."
            )
        case .parameterInvalid:
            (
                "A parameter has a value that is not allowed",
                "A parameter is of the wrong type, out of its range, or names something that is not there.",
                "Change the parameter that the message names to what the message says would be right."
            )
        case .parameterUnknown:
            (
                "A parameter is not known",
                "The body has a field that this request does not take. It is refused, so that a typing error is noticed.",
                "Correct the name, or leave the field out."
            )
        case .tokenMissing:
            (
                "No API token was sent",
                "The request has no Authorization header with a bearer token.",
                "Send the header 'Authorization: Bearer' followed by a token made with 'portico token create'."
            )
        case .tokenInvalid:
            (
                "The API token is not valid",
                "The token was changed, was signed with an unknown key, or has been revoked.",
                "Make a new token with 'portico token create'."
            )
        case .tokenExpired:
            (
                "The API token has expired",
                "The token was valid for a limited time, which is over.",
                "Make a new token with 'portico token create'; '--expires-in' sets how long it lasts."
            )
        default: moreWords(for: code)
        }
    }

    private static func moreWords(for code: ErrorCode) -> (title: String, explanation: String, remedy: String) {
        switch code {
        case .scopeMissing:
            (
                "The API token may not do this",
                "Reading needs the scope 'captive:read', everything else 'captive:write'. The token has not got it.",
                "Use a token that was made with the scope."
            )
        case .signatureInvalid:
            (
                "The signed address is not genuine",
                "The address was changed after it was signed, or a part of it is missing.",
                "Copy the whole address again, or ask for a new one."
            )
        case .signatureExpired:
            (
                "The signed address has expired",
                "Signed addresses are valid for a limited time, which is over.",
                "Ask for a new address."
            )
        case .resourceNotFound:
            (
                "There is no such resource",
                "Nothing with that ID exists in the token's workspace.",
                "Check the ID, and that the token belongs to the right workspace."
            )
        case .routeNotFound:
            ("There is no such path", "The API has nothing at that path.", "Check the path for typing errors.")
        case .methodNotAllowed:
            (
                "The path does not take that method",
                "The path exists, but not with that HTTP method.",
                "Use one of the methods in the answer's Allow header."
            )
        case .conflict:
            (
                "The change conflicts with something that exists",
                "Something else uses what was to be deleted, or already claims what was to be used.",
                "Change or remove what the message names first."
            )
        default: lastWords(for: code)
        }
    }

    private static func lastWords(for code: ErrorCode) -> (title: String, explanation: String, remedy: String) {
        switch code {
        case .payloadTooLarge:
            ("The body is too large", "The request's body exceeds the limit of this path.", "Send less at once.")
        case .mediaTypeUnsupported:
            (
                "The body is of a kind that is not understood",
                "The Content-Type header names a media type that this path does not take.",
                "Send JSON with the header 'Content-Type: application/json'."
            )
        case .rateLimited:
            (
                "Too many requests",
                "There were more requests in a short time than are allowed.",
                "Wait as long as the answer's Retry-After header says."
            )
        case .routerUnreachable:
            (
                "The site's router cannot be reached",
                "The portal could not connect to the router, or the router did not answer in time.",
                "Read the site's health for the cause, and check the router and its settings."
            )
        case .unavailable:
            (
                "The portal cannot answer now",
                "The portal is starting, stopping, or cannot reach its database.",
                "Try again in a few seconds."
            )
        default:
            (
                "Something went wrong on our side",
                "The portal met an error that it did not expect. Its log has the details.",
                "Try again later; if it stays, send the time of the request to whoever runs the portal."
            )
        }
    }
}
