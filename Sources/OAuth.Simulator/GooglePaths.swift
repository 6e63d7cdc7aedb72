import Foundation
import HTTPServer

/// Google: `iss` in the callback, an issuer with and without a scheme, `hd` for Workspace accounts only.
extension SimulatorResponder {
    var googleRoutes: [Route] {
        [
            Route(.get, "/google/.well-known/openid-configuration") { googleDocument($0) },
            Route(.get, "/google/oauth2/v3/certs") { _ in published(["keys": [try signer.publicKey()]]) },
            Route(.get, "/google/o/oauth2/v2/auth") { try authorize($0, .google) },
            Route(.post, "/google/o/oauth2/v2/auth") { try authorize($0, .google) },
            Route(.post, "/google/token") { try googleToken($0) },
        ]
    }

    private func googleDocument(_ request: Request) -> Response {
        let base = origin(request) + "/google"
        return published(
            [
                "issuer": base, "authorization_endpoint": base + "/o/oauth2/v2/auth", "token_endpoint": base + "/token",
                "jwks_uri": base + "/oauth2/v3/certs", "authorization_response_iss_parameter_supported": true,
                "code_challenge_methods_supported": ["plain", "S256"],
                "id_token_signing_alg_values_supported": ["RS256"],
            ] as [String: Any])
    }

    private func googleToken(_ request: Request) throws -> Response {
        do {
            let grant = try redeem(request, .google)
            // Private accounts get the issuer without its scheme, so that tests meet both forms.
            let issuer = (grant.person.domain == nil ? "" : "http://") + request.authority + "/google"
            var claims = standardClaims(grant, issuer: issuer, subject: "1157\(grant.person.githubID)")
            claims["azp"] = grant.request.clientID
            claims["email_verified"] = true
            claims["hd"] = grant.person.domain
            return try tokens(grant, claims)
        } catch let refusal as TokenRefusal {
            let (error, text) =
                switch refusal {
                case .client: ("invalid_client", "The OAuth client was not found.")
                case .redirect: ("redirect_uri_mismatch", "Bad Request")
                case .grant, .tenant: ("invalid_grant", "Malformed auth code.")
                case .proof: ("invalid_grant", "Invalid code verifier.")
                }
            return json(
                refusal == .client ? .unauthorized : .badRequest, ["error": error, "error_description": text])
        }
    }
}
