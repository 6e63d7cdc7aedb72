package import Captive

/// What an admin reads about a failure.
package struct FailureGuide: Sendable, Equatable {
    package var cause: String
    package var remedy: String

    package init(cause: String, remedy: String) {
        self.cause = cause
        self.remedy = remedy
    }
}

extension SignInFailure {
    /// The likely cause, and what to change; `redirectURI` is the address to register.
    package func guide(_ integration: AuthIntegration, redirectURI: String) -> FailureGuide {
        let place = integration.provider.registrationPlace
        switch kind {
        case .denied:
            return FailureGuide(
                cause: "The person cancelled, or declined to give consent.", remedy: "Nothing; try again and accept.")
        case .accountRefused, .tenantRefused, .domainRefused:
            return FailureGuide(
                cause: "The account does not belong to those that this integration admits.",
                remedy: integration.provider == .azure
                    ? "Sign in with another account, or change the tenant (now “\(integration.tenant ?? "")”), or assign "
                        + "the user to the application in \(place)."
                    : "Sign in with another account, or admit it in \(place).")
        case .consentRequired:
            return FailureGuide(
                cause: "The organisation lets only an administrator approve applications.",
                remedy: "Have an administrator grant consent for openid, profile and email in \(place).")
        case .policyRefused:
            return FailureGuide(
                cause: "A policy of the organisation asks for more than a guest's browser can give.",
                remedy: "Exempt this application from the policy, or let these people use another way in.")
        case .interactionRequired, .codeRefused:
            return FailureGuide(
                cause: "The sign-in took too long, was made twice, or the person went back in the browser.",
                remedy: "Try again. If it persists, compare this server's clock with the real time.")
        case .redirectMismatch:
            return FailureGuide(
                cause: "The redirect address is not registered for this client.",
                remedy: "Register exactly \(redirectURI) in \(place).")
        case .clientUnknown:
            return FailureGuide(
                cause: "The client id is unknown there, suspended, or belongs to another tenant.",
                remedy: "Copy the client id again from \(place).")
        case .secretWrong:
            return FailureGuide(
                cause: integration.provider == .azure
                    ? "The client secret is wrong; Microsoft needs the secret's value, not its id."
                    : "The client secret is wrong.",
                remedy: "Make a new secret in \(place) and set it as client_secret.")
        case .secretExpired:
            return FailureGuide(
                cause: "The client secret has expired.",
                remedy: "Make a new secret in \(place) and set it as client_secret.")
        case .secretUnreadable:
            return FailureGuide(
                cause: "The stored client secret opens with no key in secret.keys.",
                remedy: "Put the missing key back, or set client_secret of the integration again.")
        case .tenantUnknown, .tenantMismatch:
            return FailureGuide(
                cause: "The tenant does not fit the application or its cloud.",
                remedy: "Set tenant to the directory's id, and oauth.azure.authority to the cloud's own authority.")
        default: return otherGuide(place)
        }
    }

    private func otherGuide(_ place: String) -> FailureGuide {
        switch kind {
        case .proofKeyRefused:
            FailureGuide(
                cause: "The server does not take PKCE as it should.",
                remedy: "For a GitHub Enterprise Server set oauth.github.pkce to false.")
        case .unreachable, .timedOut, .unavailable:
            FailureGuide(
                cause: "The provider is down, or this server cannot reach it.",
                remedy:
                    "Check this server's way out: DNS, firewall, proxy. Guests can sign in when the provider answers.")
        case .certificateUntrusted:
            FailureGuide(
                cause:
                    "The provider's certificate is not trusted: something intercepts TLS, or a private authority signed.",
                remedy: "Name the authority's file in oauth.ca_certificate.")
        case .answerTooLarge, .redirected, .answerMalformed, .callbackMalformed, .answerIssuerMissing, .requestRefused:
            FailureGuide(
                cause: "What answers is not the provider, or not the version of its protocol that is expected.",
                remedy: "Check the provider's address in the configuration (oauth.…).")
        case .answerIssuerMismatch, .issuerMismatch, .keyIssuerMismatch, .audienceMismatch, .authorizedPartyMismatch,
            .nonceMismatch:
            FailureGuide(
                cause: "The answer was made for another client or by another provider: a mix-up, or an attack.",
                remedy: "Do not use this integration until it is known why. Check tenant, client id and addresses.")
        case .expired, .notYetValid, .issuedInFuture:
            FailureGuide(
                cause: "This server's clock and the provider's differ.",
                remedy: "Set this server's clock by NTP.")
        default:
            FailureGuide(
                cause: "The token was not made as this provider makes them.",
                remedy: "Check the provider's address in the configuration, and the application in \(place).")
        }
    }
}

extension AuthIntegration.Provider {
    /// Where an admin finds the application.
    fileprivate var registrationPlace: String {
        switch self {
        case .azure: "Microsoft Entra (App registrations)"
        case .google: "Google Cloud (APIs & Services, Credentials)"
        case .github: "GitHub (Developer settings, OAuth Apps)"
        }
    }
}
