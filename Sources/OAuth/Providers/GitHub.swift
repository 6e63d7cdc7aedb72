import Captive
import Foundation
import HTTPClient

/// GitHub and GitHub Enterprise Server. GitHub uses OAuth without OpenID Connect: there is no ID token, so the API
/// returns the identity.
///
/// Source: GitHub Docs, “Authorizing OAuth apps”, REST API “Users” and “Emails”.
struct GitHub: IdentityProvider {
    let settings: OAuthSettings
    let providerClient: ProviderClient

    let usesNonce = false

    /// Always nil, because GitHub has no discovery document.
    func failure(of integration: AuthIntegration) -> SignInFailure? { nil }

    /// The maximum number of pages, of a hundred addresses each.
    private static let maxPages = 3

    func endpoints(of integration: AuthIntegration) async throws(SignInFailure) -> ProviderEndpoints {
        ProviderEndpoints(
            authorization: settings.githubURL + "/login/oauth/authorize",
            token: settings.githubURL + "/login/oauth/access_token", issuer: settings.githubURL,
            supportsPKCE: settings.githubPKCE)
    }

    /// `/user` needs no scope for id and login. Sign-up is off, because it would need more walled garden hosts.
    func parameters(of integration: AuthIntegration) -> [(name: String, value: String)] {
        [("scope", "user:email"), ("prompt", "select_account"), ("allow_signup", "false")]
    }

    func result(
        of tokens: TokenResponse, _ transaction: SignInTransaction, _ integration: AuthIntegration,
        _ checks: inout CheckList
    ) async throws(SignInFailure) -> SignIn.Result {
        try checks.require(
            tokens.accessToken?.isEmpty == false, "access token", "must be present; discarded after use",
            else: .tokenMissing)
        let token = tokens.accessToken ?? ""
        let user = try await checks.step("user", "read from \(settings.githubAPIURL)/user") {
            () async throws(SignInFailure) in try await self.user(token)
        }
        let id = user["id"]?.integer
        try checks.require(id != nil, "id", "must be present", else: .subjectMissing)
        let email = await verifiedEmail(token)
        checks.pass("e-mail", email == nil ? "no verified primary address" : "primary and verified")
        return SignIn.Result(
            identity: GuestSession.Identity(
                provider: .github, subject: id.map(String.init) ?? "", email: email,
                name: user["name"]?.text ?? user["login"]?.text),
            claims: Self.claims(user, email), checks: checks.results)
    }

    private func user(_ token: String) async throws(SignInFailure) -> [String: ClaimValue] {
        let response = try await providerClient.get(settings.githubAPIURL + "/user", headers: headers(token))
        guard response.status == 200, let user = ClaimValue.object(from: response.body) else {
            throw SignInFailure(
                response.status >= 500 ? .unavailable : .answerMalformed,
                detail: "/user returned status \(response.status)")
        }
        return user
    }

    /// Returns the address that is both primary and verified; nil if there is none or the person hides it.
    private func verifiedEmail(_ token: String) async -> String? {
        for page in 1...Self.maxPages {
            let url = "\(settings.githubAPIURL)/user/emails?per_page=100&page=\(page)"
            guard let response = try? await providerClient.get(url, headers: headers(token)), response.status == 200,
                let entries = ClaimValue.list(from: response.body)
            else { return nil }
            let found = entries.first { $0["primary"]?.flag == true && $0["verified"]?.flag == true }
            if let email = found?["email"]?.text { return email }
            guard response["Link"]?.contains("rel=\"next\"") == true else { return nil }
        }
        return nil
    }

    private func headers(_ token: String) -> [(name: String, value: String)] {
        [
            ("Authorization", "Bearer " + token), ("Accept", "application/vnd.github+json"),
            ("X-GitHub-Api-Version", "2022-11-28"),
        ]
    }

    private static func claims(_ user: [String: ClaimValue], _ email: String?) -> [(name: String, value: String)] {
        let fields = ["company", "id", "login", "name", "type"]
        var claims = user.filter { fields.contains($0.key) }
        claims["email"] = email.map(ClaimValue.string)
        return claims.shown
    }

    func diagnose(_ integration: AuthIntegration, _ checks: inout CheckList) async throws(SignInFailure) {}

    var walledGardenHosts: [String] {
        let site = URLComponents(string: settings.githubURL)?.host ?? "github.com"
        guard site == "github.com" else { return [site] }
        return [site, "github.githubassets.com", "avatars.githubusercontent.com"]
    }
}
