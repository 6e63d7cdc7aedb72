import Captive
import Foundation

/// Google accounts, by OpenID Connect.
///
/// `tenant` restricts sign-ins to one Workspace domain; nil allows all accounts. Google does not allow its sign-in page
/// in embedded windows (`disallowed_useragent`).
/// Source: Google Identity, “OpenID Connect” reference.
struct Google: IdentityProvider {
    let settings: OAuthSettings
    let directory: ProviderDirectory

    let usesNonce = true

    func failure(of integration: AuthIntegration) -> SignInFailure? { directory.failure(below: settings.googleIssuer) }

    /// Discovery: `{issuer}/.well-known/openid-configuration`.
    private func document() async throws(SignInFailure) -> DiscoveryDocument {
        let document = try await directory.document(below: settings.googleIssuer)
        guard isIssuer(document.issuer) else {
            throw SignInFailure(.issuerMismatch, detail: "the discovery document has the issuer \(document.issuer)")
        }
        return document
    }

    func endpoints(of integration: AuthIntegration) async throws(SignInFailure) -> ProviderEndpoints {
        let document = try await document()
        return ProviderEndpoints(
            authorization: document.authorizationEndpoint, token: document.tokenEndpoint, issuer: document.issuer,
            sendsIssuer: document.sendsIssuer)
    }

    /// `access_type` defaults to `online`, so there is no refresh token. `hd` only filters the list of accounts; the
    /// browser can change it, so the claim decides.
    func parameters(of integration: AuthIntegration) -> [(name: String, value: String)] {
        let fields = [
            (name: "scope", value: "openid email profile"), (name: "response_mode", value: "query"),
            (name: "prompt", value: "select_account"),
        ]
        return fields + (integration.tenant.map { [(name: "hd", value: $0)] } ?? [])
    }

    func result(
        of tokens: TokenResponse, _ transaction: SignInTransaction, _ integration: AuthIntegration,
        _ checks: inout CheckList
    ) async throws(SignInFailure) -> SignIn.Result {
        let document = try await document()
        let check = IDTokenCheck(
            clientID: integration.clientID, nonce: transaction.nonce, now: directory.now(), directory: directory,
            keysURL: document.keysURL)
        let claims = try await check.claims(
            of: tokens.idToken, &checks,
            isIssuer: { (isIssuer($0["iss"]?.text ?? ""), settings.googleIssuer) })
        if let domain = integration.tenant {
            let actual = claims["hd"]?.text
            try checks.require(
                actual?.lowercased() == domain.lowercased(), "hd",
                "\(actual ?? "none: not a Workspace account"), allowed: \(domain)", else: .domainRefused)
        }
        return SignIn.Result(
            identity: GuestSession.Identity(
                provider: .google, subject: claims["sub"]?.text ?? "",
                email: claims["email_verified"]?.flag == true ? claims["email"]?.text : nil, name: claims["name"]?.text),
            claims: claims.shown, checks: checks.results)
    }

    /// Google's issuer occurs with and without the scheme.
    private func isIssuer(_ issuer: String) -> Bool {
        ["", "https://", "http://"].contains { $0 + issuer == settings.googleIssuer }
    }

    func diagnose(_ integration: AuthIntegration, _ checks: inout CheckList) async throws(SignInFailure) {
        let keys = try await directory.keys(at: try await document().keysURL)
        try checks.require(!keys.isEmpty, "signing keys", "\(keys.count) RS256", else: .answerMalformed)
    }

    /// The hosts that Google's sign-in page needs, without `www.google.com`, `www.gstatic.com` and
    /// `play.googleapis.com`: phones probe these, and a reachable probe host makes a phone believe that it is online.
    var walledGardenHosts: [String] {
        let site = URLComponents(string: settings.googleIssuer)?.host ?? Self.site
        guard site == Self.site else { return [site] }
        return [
            site, "accounts.youtube.com", "ssl.gstatic.com", "fonts.gstatic.com", "fonts.googleapis.com",
            "apis.google.com", "lh3.googleusercontent.com",
        ]
    }

    private static let site = "accounts.google.com"
}
