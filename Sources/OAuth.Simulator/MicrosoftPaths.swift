import Foundation
import HTTPServer

/// Microsoft Entra v2.0: tenants in the path, `{tenantid}` in the issuer of `common` and `organizations`, keys with an
/// issuer, numbered errors.
extension SimulatorResponder {
    private static let shared = ["common", "organizations"]

    var microsoftRoutes: [Route] {
        [
            Route(.get, "/microsoft/{tenant}/v2.0/.well-known/openid-configuration") { microsoftDocument($0) },
            Route(.get, "/microsoft/{tenant}/discovery/v2.0/keys") { request in
                published(["keys": [try signer.publicKey(issuer: microsoftIssuer(request))]])
            },
            Route(.get, "/microsoft/{tenant}/oauth2/v2.0/authorize") { try authorize($0, .microsoft) },
            Route(.post, "/microsoft/{tenant}/oauth2/v2.0/authorize") { try authorize($0, .microsoft) },
            Route(.post, "/microsoft/{tenant}/oauth2/v2.0/token") { try microsoftToken($0) },
        ]
    }

    private func microsoftDocument(_ request: Request) -> Response {
        let tenant = request.pathParameters["tenant"] ?? ""
        let isKnown = Self.shared.contains(tenant) || tenant == "consumers" || people.contains { $0.tenant == tenant }
        guard isKnown else {
            return json(
                .badRequest, ["error": "invalid_tenant", "error_description": "AADSTS90002: Tenant not found."])
        }
        let base = origin(request) + "/microsoft/" + tenant
        return published(
            [
                "issuer": microsoftIssuer(request), "authorization_endpoint": base + "/oauth2/v2.0/authorize",
                "token_endpoint": base + "/oauth2/v2.0/token", "jwks_uri": base + "/discovery/v2.0/keys",
                "id_token_signing_alg_values_supported": ["RS256"], "response_types_supported": ["code"],
            ] as [String: Any])
    }

    private func microsoftIssuer(_ request: Request) -> String {
        let tenant = request.pathParameters["tenant"] ?? ""
        let name =
            Self.shared.contains(tenant)
            ? "{tenantid}" : tenant == "consumers" ? SimulatedPerson.personalTenant : tenant
        return "\(origin(request))/microsoft/\(name)/v2.0"
    }

    private func microsoftToken(_ request: Request) throws -> Response {
        do {
            let grant = try redeem(request, .microsoft)
            let issuer = "\(origin(request))/microsoft/\(grant.person.tenant)/v2.0"
            var claims = standardClaims(grant, issuer: issuer, subject: "pairwise-" + grant.person.id)
            claims["nbf"] = claims["iat"]
            claims["tid"] = grant.person.tenant
            claims["oid"] = "00000000-0000-4000-8000-0000000000\(String(grant.person.githubID % 90 + 10))"
            claims["preferred_username"] = grant.person.email
            claims["ver"] = "2.0"
            return try tokens(grant, claims)
        } catch let refusal as TokenRefusal {
            let (error, number, text) = Self.errorFields(refusal)
            return json(
                refusal == .client ? .unauthorized : .badRequest,
                [
                    "error": error, "error_codes": [number],
                    "error_description": "AADSTS\(number): \(text)\r\nTrace ID: 7f1c\r\nCorrelation ID: 9a2b",
                ] as [String: Any])
        }
    }

    private static func errorFields(_ refusal: TokenRefusal) -> (String, Int, String) {
        switch refusal {
        case .client: ("invalid_client", 7_000_215, "Invalid client secret provided.")
        case .grant: ("invalid_grant", 54_005, "OAuth2 Authorization code was already redeemed.")
        case .redirect: ("invalid_client", 50_011, "The redirect URI does not match.")
        case .proof: ("invalid_grant", 501_481, "The Code_Verifier does not match the code_challenge.")
        case .tenant: ("invalid_grant", 700_005, "The code was redeemed at another tenant's path.")
        }
    }
}
