// OAuth signs guests in at Microsoft, Google and GitHub: it builds the authorization request, checks the response, and
// returns the person's identity or a named failure. It must not know the HTTP server, pages or routers. The state of a
// sign-in between request and response is a `SignInTransaction`, which the caller keeps sealed.
//
// Reading order: Flow/SignIn (begin, finish), Flow/SignInTransaction, AuthorizationResponse and CodeExchange;
// Providers/, one file per provider, after its documentation; IDToken/ (the checks of a token); Discovery/ (cached
// documents and keys); Failures/ (causes and remedies).

/// The addresses of the identity providers.
package struct OAuthSettings: Sendable {
    /// Microsoft Entra's authority, without a trailing slash. Each national cloud has its own.
    package var azureAuthority: String
    /// Google's issuer, the base of its discovery document.
    package var googleIssuer: String
    /// GitHub's site, or that of an Enterprise Server.
    package var githubURL: String
    /// GitHub's API. An Enterprise Server's address ends with `/api/v3`.
    package var githubAPIURL: String
    /// Whether to use PKCE; false for an Enterprise Server that rejects it.
    package var githubPKCE: Bool
    /// A PEM file of certificate authorities to trust in addition to the system's.
    package var caCertificatePath: String?
    /// The time limit of each call to a provider.
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
