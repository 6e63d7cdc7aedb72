internal import Captive

/// Whether a provider takes the address to which it should send guests back.
struct RedirectURICheck {
    private let door: PortalEndpoints
    private let name: String
    private let uri: String
    private let provider: AuthIntegration.Provider

    init(door: PortalEndpoints, _ integration: AuthIntegration, _ directory: SignInDirectory) {
        self.door = door
        name = integration.name
        provider = integration.provider
        uri = directory.redirectURI(integration.provider)
    }

    /// GitHub takes http, and addresses without a name; Microsoft and Google take neither,
    /// except on the machine itself.
    var finding: Finding {
        let remedy = "Set public_url to https and a public name, and register \(uri) anew at the provider."
        if door.isSecure, !door.isAddress || provider == .github {
            return finding(.ok, "the provider can send guests back.", nil)
        }
        if door.isLoopback { return finding(.advice, "the way back works on this machine only.", remedy) }
        if provider == .github {
            return finding(.warning, "the way back is not encrypted: others can read a guest's code.", remedy)
        }
        return finding(.problem, "the provider does not take the portal's address for the way back.", remedy)
    }

    private func finding(_ severity: Finding.Severity, _ words: String, _ remedy: String?) -> Finding {
        Finding(.signInRedirect, severity, "\(name): \(words)", subject: name, remedy: remedy, evidence: [uri])
    }
}
