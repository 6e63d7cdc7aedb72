import Captive
import Foundation
import JWTKit

/// The claims of an API token (RFC 7519). What they must be is checked by `TokenVerifier`, which has a clock.
struct TokenClaims: JWTPayload {
    var sub: SubjectClaim
    var workspace: String
    /// Words with spaces between them (RFC 8693 section 4.2).
    var scope: String
    var exp: ExpirationClaim
    var nbf: NotBeforeClaim?
    var iat: IssuedAtClaim?
    var jti: IDClaim?
    var iss: IssuerClaim?
    var aud: Audiences?

    func verify(using _: some JWTAlgorithm) {}

    /// Scopes this API does not know are somebody else's, and ignored.
    var scopes: Set<APIToken.Scope> { Set(scope.split(separator: " ").compactMap { .init(rawValue: String($0)) }) }
}

extension TokenClaims {
    /// One audience, several or, against RFC 7519 section 4.1.3, none: JWTKit's own type stops the
    /// program at an empty list.
    struct Audiences: Codable {
        let value: [String]

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let one = try? container.decode(String.self) {
                value = [one]
            } else {
                value = try container.decode([String].self)
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(value)
        }
    }
}
