// OAuth signs guests in at Microsoft, Google and GitHub: it builds the address that a browser is sent to, checks what
// comes back, and says who the person is, or by its own name why not. It knows no HTTP server, no page and no router;
// what must be remembered between the two legs is a `SignInTransaction`, which its caller keeps sealed.
//
// Reading order: Flow/SignIn (begin, finish), Flow/SignInTransaction, AuthorizationResponse and CodeExchange; Providers/,
// each of which reads like that provider's documentation; IDToken/ (every check of a token, by name); Discovery/
// (documents and keys, kept and refreshed); Failures/ (what goes wrong, why, and what to change).

/// Where the identity providers are.
package struct OAuthSettings: Sendable {
    /// Microsoft Entra's authority, without a trailing slash; another one for each sovereign cloud.
    package var azureAuthority: String
    /// Google's issuer; its discovery document is below it.
    package var googleIssuer: String
    /// GitHub's site, or an Enterprise Server's.
    package var githubURL: String
    /// GitHub's API; an Enterprise Server's ends with `/api/v3`.
    package var githubAPIURL: String
    /// False for an Enterprise Server that refuses PKCE.
    package var githubPKCE: Bool
    /// A PEM file of authorities to trust besides the system's.
    package var caCertificatePath: String?
    /// For each call to a provider.
    package var timeout: Duration

    package init(
        azureAuthority: String = "https://login.microsoftonline.com",
        googleIssuer: String = "https://accounts.google.com", githubURL: String = "https://github.com",
        githubAPIURL: String = "https://api.github.com", githubPKCE: Bool = true, caCertificatePath: String? = nil,
        timeout: Duration = .seconds(6)
    ) {
        self.azureAuthority = Self.trimmed(azureAuthority)
        self.googleIssuer = Self.trimmed(googleIssuer)
        self.githubURL = Self.trimmed(githubURL)
        self.githubAPIURL = Self.trimmed(githubAPIURL)
        self.githubPKCE = githubPKCE
        self.caCertificatePath = caCertificatePath
        self.timeout = timeout
    }

    private static func trimmed(_ url: String) -> String { url.hasSuffix("/") ? String(url.dropLast()) : url }
}
