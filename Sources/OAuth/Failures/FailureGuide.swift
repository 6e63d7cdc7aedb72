package import Captive

/// An explanation of a failure for admins.
package struct FailureGuide: Sendable, Equatable {
    package var cause: String
    package var remedy: String

    package init(cause: String, remedy: String) {
        self.cause = cause
        self.remedy = remedy
    }
}

extension SignInFailure {
    /// Returns the likely cause and the remedy.
    package func guide(_ integration: AuthIntegration, redirectURI: String) -> FailureGuide {
        let console = integration.provider.console
        switch kind {
        case .denied:
            return FailureGuide(
                cause: "The person cancelled, or declined to give consent.", remedy: "Nothing; try again and accept.")
        case .accountRefused, .tenantRefused, .domainRefused:
            return FailureGuide(
                cause: "The integration does not allow this account.",
                remedy: integration.provider == .azure
                    ? "Sign in with another account, or change the tenant (now “\(integration.tenant ?? "")”), or assign "
                        + "the user to the application in \(console)."
                    : "Sign in with another account, or allow the account in \(console).")
        case .consentRequired:
            return FailureGuide(
                cause: "Only an administrator of the organisation can approve applications.",
                remedy: "Have an administrator grant consent for openid, profile and email in \(console).")
        case .policyRefused:
            return FailureGuide(
                cause: "A policy of the organisation requires more than a guest's browser can provide.",
                remedy: "Exempt this application from the policy, or offer these people another sign-in method.")
        case .interactionRequired, .codeRefused:
            return FailureGuide(
                cause: "The sign-in took too long, was sent twice, or the person used the back button.",
                remedy: "Try again. If it persists, check this server's clock.")
        case .redirectMismatch:
            return FailureGuide(
                cause: "The redirect URI is not registered for this client.",
                remedy: "Register exactly \(redirectURI) in \(console).")
        case .clientUnknown:
            return FailureGuide(
                cause: "The client id is unknown or suspended, or belongs to another tenant.",
                remedy: "Copy the client id again from \(console).")
        case .secretWrong:
            return FailureGuide(
                cause: integration.provider == .azure
                    ? "The client secret is wrong. Microsoft requires the secret's value, not its id."
                    : "The client secret is wrong.",
                remedy: "Create a new secret in \(console), and set it as client_secret.")
        case .secretExpired:
            return FailureGuide(
                cause: "The client secret has expired.",
                remedy: "Create a new secret in \(console), and set it as client_secret.")
        case .secretUnreadable:
            return FailureGuide(
                cause: "No key in secret.keys opens the stored client secret.",
                remedy: "Add the missing key again, or set client_secret of the integration again.")
        case .tenantUnknown, .tenantMismatch:
            return FailureGuide(
                cause: "The tenant does not match the application or its cloud.",
                remedy: "Set tenant to the directory's id, and oauth.azure.authority to the cloud's authority.")
        default: return otherGuide(console)
        }
    }

    private func otherGuide(_ console: String) -> FailureGuide {
        switch kind {
        case .proofKeyRefused:
            FailureGuide(
                cause: "The server does not support PKCE correctly.",
                remedy: "For a GitHub Enterprise Server, set oauth.github.pkce to false.")
        case .unreachable, .timedOut, .unavailable:
            FailureGuide(
                cause: "The provider is down, or this server cannot reach it.",
                remedy:
                    "Check this server's DNS, firewall and proxy. Guests can sign in again when the provider responds.")
        case .certificateUntrusted:
            FailureGuide(
                cause:
                    "The provider's certificate is not trusted: a proxy intercepts TLS, or a private authority signed it.",
                remedy: "Set oauth.ca_certificate to the authority's PEM file.")
        case .answerTooLarge, .redirected, .answerMalformed, .callbackMalformed, .answerIssuerMissing, .requestRefused:
            FailureGuide(
                cause:
                    "Another server responds instead of the provider, or the provider uses another protocol version.",
                remedy: "Check the provider's address in the configuration (oauth.…).")
        case .answerIssuerMismatch, .issuerMismatch, .keyIssuerMismatch, .audienceMismatch, .authorizedPartyMismatch,
            .nonceMismatch:
            FailureGuide(
                cause:
                    "The response is for another client or from another provider: a configuration error or an attack.",
                remedy: "Do not use this integration until the reason is known. Check tenant, client id and addresses.")
        case .expired, .notYetValid, .issuedInFuture:
            FailureGuide(
                cause: "This server's clock and the provider's differ.",
                remedy: "Synchronise this server's clock by NTP.")
        default:
            FailureGuide(
                cause: "The token is not one of this provider.",
                remedy: "Check the provider's address in the configuration, and the application in \(console).")
        }
    }
}

extension AuthIntegration.Provider {
    /// Where the application is registered.
    fileprivate var console: String {
        switch self {
        case .azure: "Microsoft Entra (App registrations)"
        case .google: "Google Cloud (APIs & Services, Credentials)"
        case .github: "GitHub (Developer settings, OAuth Apps)"
        }
    }
}
