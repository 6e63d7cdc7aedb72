import Captive
import Foundation

/// Microsoft Entra ID, the v2.0 endpoints.
///
/// `tenant` determines the accounts that may sign in: `common` (work and personal accounts), `organizations` (work
/// accounts), `consumers` (personal accounts), or a directory's id or verified domain (its members and guests). Source:
/// Microsoft identity platform, “OpenID Connect”, “ID token claims reference”, “National clouds”.
struct Azure: IdentityProvider {
    let settings: OAuthSettings
    let directory: ProviderDirectory

    /// The directory of all personal accounts.
    static let consumersTenant = "9188040d-6c67-4c5b-b112-36a304b66dad"
    /// The placeholder for the person's directory in the issuer of `common` and `organizations`.
    static let tenantPlaceholder = "{tenantid}"

    let usesNonce = true

    private func base(of tenant: String) -> String { "\(settings.azureAuthority)/\(tenant)/v2.0" }

    func failure(of integration: AuthIntegration) -> SignInFailure? {
        directory.failure(below: base(of: integration.tenant ?? "common"))
    }

    /// Discovery: `{authority}/{tenant}/v2.0/.well-known/openid-configuration`.
    private func document(_ integration: AuthIntegration) async throws(SignInFailure) -> DiscoveryDocument {
        let tenant = integration.tenant ?? "common"
        guard Self.isTenant(tenant) else {
            throw SignInFailure(.tenantUnknown, detail: "“\(tenant.prefix(64))” is not a tenant")
        }
        let document = try await directory.document(below: base(of: tenant))
        guard Self.matches(document.issuer, template: template) || document.issuer == template else {
            throw SignInFailure(.issuerMismatch, detail: "the discovery document has the issuer \(document.issuer)")
        }
        return document
    }

    private var template: String { "\(settings.azureAuthority)/\(Self.tenantPlaceholder)/v2.0" }

    func endpoints(of integration: AuthIntegration) async throws(SignInFailure) -> ProviderEndpoints {
        let document = try await document(integration)
        return ProviderEndpoints(
            authorization: document.authorizationEndpoint, token: document.tokenEndpoint, issuer: document.issuer,
            sendsIssuer: document.sendsIssuer)
    }

    /// Without `offline_access` there is no refresh token. With `query` the browser sends the transaction's cookie.
    func parameters(of integration: AuthIntegration) -> [(name: String, value: String)] {
        [("scope", "openid profile email"), ("response_mode", "query"), ("prompt", "select_account")]
    }

    func result(
        of tokens: TokenResponse, _ transaction: SignInTransaction, _ integration: AuthIntegration,
        _ checks: inout CheckList
    ) async throws(SignInFailure) -> SignIn.Result {
        let document = try await document(integration)
        let check = IDTokenCheck(
            clientID: integration.clientID, nonce: transaction.nonce, now: directory.now(), directory: directory,
            keysURL: document.keysURL)
        let claims = try await check.claims(
            of: tokens.idToken, &checks,
            isIssuer: { claims in
                let expected = Self.issuer(transaction.issuer, for: claims)
                return (claims["iss"]?.text == expected, expected ?? "one with a valid tid")
            },
            keyIssuerFits: { keyIssuer, claims in claims["iss"]?.text == Self.issuer(keyIssuer, for: claims) })
        try checkTenant(claims, transaction, integration, &checks)
        return SignIn.Result(
            identity: GuestSession.Identity(
                provider: .azure, subject: claims["sub"]?.text ?? "",
                email: claims["email"]?.text ?? claims["preferred_username"]?.text, name: claims["name"]?.text),
            claims: claims.shown, checks: checks.results)
    }

    /// Returns the issuer with `tid` in place of the placeholder; nil unless `tid` is a GUID.
    private static func issuer(_ issuer: String, for claims: [String: ClaimValue]) -> String? {
        guard issuer.contains(tenantPlaceholder) else { return issuer }
        guard let tenant = claims["tid"]?.text, isGUID(tenant) else { return nil }
        return issuer.replacing(tenantPlaceholder, with: tenant)
    }

    private func checkTenant(
        _ claims: [String: ClaimValue], _ transaction: SignInTransaction, _ integration: AuthIntegration,
        _ checks: inout CheckList
    ) throws(SignInFailure) {
        let actual = claims["tid"]?.text?.lowercased()
        let isAllowed =
            switch integration.tenant?.lowercased() ?? "common" {
            case "common": actual != nil
            case "organizations": actual != nil && actual != Self.consumersTenant
            case "consumers": actual == Self.consumersTenant
            case let tenant where Self.isGUID(tenant): actual == tenant
            default: actual.map { transaction.issuer.lowercased().contains("/\($0)/") } ?? false
            }
        try checks.require(
            isAllowed, "tid", "\(actual ?? "none"), allowed: \(integration.tenant ?? "common")", else: .tenantRefused)
    }

    func diagnose(_ integration: AuthIntegration, _ checks: inout CheckList) async throws(SignInFailure) {
        let document = try await document(integration)
        let keys = try await directory.keys(at: document.keysURL)
        try checks.require(!keys.isEmpty, "signing keys", "\(keys.count) RS256", else: .answerMalformed)
    }

    /// Whether `issuer` is `template` with a GUID for the placeholder.
    static func matches(_ issuer: String, template: String) -> Bool {
        let parts = template.components(separatedBy: tenantPlaceholder)
        guard parts.count == 2, issuer.hasPrefix(parts[0]), issuer.hasSuffix(parts[1]) else { return false }
        return isGUID(String(issuer.dropFirst(parts[0].count).dropLast(parts[1].count)))
    }

    private static func isGUID(_ text: String) -> Bool { UUID(uuidString: text) != nil }

    private static func isTenant(_ text: String) -> Bool {
        (1...253).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D
                    || $0 == 0x2E
            }
    }

    /// The hosts of Microsoft 365 endpoints 56 and 59 that the sign-in page needs. A federated tenant also needs the
    /// hosts of its own identity provider.
    var walledGardenHosts: [String] {
        let authority = URLComponents(string: settings.azureAuthority)?.host ?? "login.microsoftonline.com"
        return [
            authority, "login.microsoft.com", "login.windows.net", "device.login.microsoftonline.com",
            "autologon.microsoftazuread-sso.com", "login.live.com", "account.live.com", "aadcdn.msauth.net",
            "aadcdn.msftauth.net", "logincdn.msauth.net", "logincdn.msftauth.net", "*.msauthimages.net",
            "*.msftauthimages.net",
        ]
    }
}
