import Captive
import Foundation
import JWTKit

/// The claims of an API token (RFC 7519). `TokenVerifier` checks their values.
struct TokenClaims: JWTPayload {
    var sub: SubjectClaim
    var workspace: String
    /// Scopes separated by spaces (RFC 8693 section 4.2).
    var scope: String
    var exp: ExpirationClaim
    var nbf: NotBeforeClaim?
    var iat: IssuedAtClaim?
    var jti: IDClaim?
    var iss: IssuerClaim?
    var aud: Audiences?

    func verify(using _: some JWTAlgorithm) {}

    /// Unknown scopes are ignored; they may belong to another API.
    var scopes: Set<APIToken.Scope> { Set(scope.split(separator: " ").compactMap { .init(rawValue: String($0)) }) }
}

extension TokenClaims {
    /// One or several audiences (RFC 7519 section 4.1.3), or an empty list: JWTKit's own type crashes on an empty list.
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
