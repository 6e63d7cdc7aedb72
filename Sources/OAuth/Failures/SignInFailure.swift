import Captive

/// The failure of a sign-in, with the details that an admin needs to fix it. Contains no secrets. `providerMessage` is
/// untrusted and must be escaped for display.
package struct SignInFailure: Error, Sendable, Equatable {
    package var kind: Kind
    /// What happened, for an admin.
    package var detail: String
    /// The provider's error and its description, at most 1,000 characters.
    package var providerMessage: String?
    /// The checks so far, the failed one last.
    package var checks: [CheckResult]

    init(_ kind: Kind, detail: String, providerMessage: String? = nil, checks: [CheckResult] = []) {
        self.kind = kind
        self.detail = detail
        self.providerMessage = providerMessage.map { String($0.prefix(1_000)) }
        self.checks = checks
    }

    func with(_ checks: [CheckResult]) -> SignInFailure {
        var failure = self
        failure.checks = checks
        return failure
    }

    /// The kinds of failure. Raw values are stable; logs use them.
    package enum Kind: String, Sendable, CaseIterable {
        // Decisions of people and directories.
        case denied, accountRefused, consentRequired, policyRefused, interactionRequired
        // Settings that an admin has to change.
        case redirectMismatch, clientUnknown, secretWrong, secretExpired, secretUnreadable, tenantUnknown,
            tenantMismatch, proofKeyRefused
        case requestRefused
        // Possibly temporary.
        case unreachable, timedOut, unavailable, certificateUntrusted, codeRefused
        // Invalid responses.
        case answerTooLarge, redirected, answerMalformed, callbackMalformed
        case answerIssuerMismatch, answerIssuerMissing
        // Checks of a token.
        case tokenMissing, tokenMalformed, algorithmRefused, keyIDMissing, keyUnknown, keyIssuerMismatch
        case signatureInvalid, issuerMismatch, audienceMismatch, authorizedPartyMismatch, expired, notYetValid
        case issuedInFuture, nonceMismatch, tenantRefused, domainRefused, subjectMissing
    }

    /// The reason that the guest's page shows.
    package enum GuestReason: String, Sendable, CaseIterable {
        case denied, providerDown, signinLost, account, consent, setup
    }

    /// Whether the provider could not be reached or reports that it is unavailable.
    package var isProviderAway: Bool {
        switch kind {
        case .unreachable, .timedOut, .unavailable: true
        default: false
        }
    }

    package var guestReason: GuestReason {
        switch kind {
        case .denied: .denied
        case .accountRefused, .policyRefused, .tenantRefused, .domainRefused: .account
        case .consentRequired: .consent
        case .unreachable, .timedOut, .unavailable, .answerTooLarge, .redirected, .answerMalformed: .providerDown
        case .interactionRequired, .codeRefused, .callbackMalformed, .nonceMismatch, .expired: .signinLost
        default: .setup
        }
    }
}

extension SignInFailure {
    /// From an error response of the authorization or the token endpoint.
    init(provider: AuthIntegration.Provider, error: String, description: String?, codes: [Int]) {
        let message = [error, description].compactMap(\.self).joined(separator: ": ")
        let number = provider == .azure ? (codes.first ?? EntraErrors.number(in: description)) : nil
        if let number, let kind = EntraErrors.kind(of: number) {
            self.init(
                kind, detail: "AADSTS\(number): \(EntraErrors.meaning(of: number) ?? error)", providerMessage: message)
        } else {
            self.init(
                Self.kind(of: error), detail: "the provider returned “\(error.prefix(64))”", providerMessage: message)
        }
    }

    /// RFC 6749 sections 4.1.2.1 and 5.2, OpenID Connect Core section 3.1.2.6, GitHub's errors, and nonstandard ones.
    private static func kind(of error: String) -> Kind {
        switch error {
        case "access_denied": .denied
        case "consent_required": .consentRequired
        case "interaction_required", "login_required", "account_selection_required": .interactionRequired
        case "server_error", "temporarily_unavailable", "slow_down": .unavailable
        case "redirect_uri_mismatch": .redirectMismatch
        case "invalid_client", "incorrect_client_credentials": .secretWrong
        case "unauthorized_client", "application_suspended", "Not Found": .clientUnknown
        case "invalid_grant", "bad_verification_code", "invalid_code": .codeRefused
        case "unverified_user_email", "org_internal": .accountRefused
        case "admin_policy_enforced": .policyRefused
        default: .requestRefused
        }
    }
}

extension AuthIntegration {
    /// The client secret as plaintext. Throws if no key opens it.
    var readableSecret: String {
        get throws(SignInFailure) {
            guard let text = clientSecret.revealed else {
                throw SignInFailure(.secretUnreadable, detail: "the stored client secret \(Secret.unreadableAdvice)")
            }
            return text
        }
    }
}
