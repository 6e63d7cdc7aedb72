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
    var iat: IssuedAtClaim?
    var jti: IDClaim?
    var iss: IssuerClaim?
    var aud: AudienceClaim?

    func verify(using _: some JWTAlgorithm) {}

    /// Scopes this API does not know are somebody else's, and ignored.
    var scopes: Set<APIToken.Scope> { Set(scope.split(separator: " ").compactMap { .init(rawValue: String($0)) }) }
}
