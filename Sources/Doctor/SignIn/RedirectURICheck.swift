internal import Captive

/// Checks that a provider accepts the portal's redirect URI.
struct RedirectURICheck {
    private let endpoints: PortalEndpoints
    private let name: String
    private let uri: String
    private let provider: AuthIntegration.Provider

    init(endpoints: PortalEndpoints, _ integration: AuthIntegration, _ directory: SignInDirectory) {
        self.endpoints = endpoints
        name = integration.name
        provider = integration.provider
        uri = directory.redirectURI(integration.provider)
    }

    /// GitHub accepts http and IP addresses. Microsoft and Google accept neither, except for loopback addresses.
    var finding: Finding {
        let remedy = "Set public_url to https and a public name, and register \(uri) at the provider."
        if endpoints.isSecure, !endpoints.isAddress || provider == .github {
            return finding(.ok, "the provider accepts the redirect URI.", nil)
        }
        if endpoints.isLoopback { return finding(.advice, "the redirect URI works on this machine only.", remedy) }
        if provider == .github {
            return finding(
                .warning, "the redirect URI is not encrypted: others can read a guest's authorization code.", remedy)
        }
        return finding(.problem, "the provider does not accept the redirect URI.", remedy)
    }

    private func finding(_ severity: Finding.Severity, _ text: String, _ remedy: String?) -> Finding {
        Finding(.signInRedirect, severity, "\(name): \(text)", subject: name, remedy: remedy, evidence: [uri])
    }
}
