import Captive

/// Why a sign-in led nowhere: named, with what an admin needs to mend it. Nothing in it is a secret; what the provider
/// said comes from outside and must be escaped where it is shown.
package struct SignInFailure: Error, Sendable, Equatable {
    package var kind: Kind
    /// What was seen, for an admin.
    package var detail: String
    /// The provider's own words.
    package var words: String?
    /// The checks made, the failed one last.
    package var checks: [CheckResult]

    init(_ kind: Kind, detail: String, words: String? = nil, checks: [CheckResult] = []) {
        self.kind = kind
        self.detail = detail
        self.words = words.map { String($0.prefix(1_000)) }
        self.checks = checks
    }

    func with(_ checks: [CheckResult]) -> SignInFailure {
        var failure = self
        failure.checks = checks
        return failure
    }

    /// Every way a sign-in can fail. Raw values are stable words for logs.
    package enum Kind: String, Sendable, CaseIterable {
        // What people and directories decide.
        case denied, accountRefused, consentRequired, policyRefused, interactionRequired
        // What an admin has to change.
        case redirectMismatch, clientUnknown, secretWrong, secretExpired, secretUnreadable, tenantUnknown,
            tenantMismatch, proofKeyRefused
        case requestRefused
        // What passes, or not.
        case unreachable, timedOut, unavailable, certificateUntrusted, codeRefused
        // Answers that no provider should give.
        case answerTooLarge, redirected, answerMalformed, callbackMalformed
        case answerIssuerMismatch, answerIssuerMissing
        // Checks of a token.
        case tokenMissing, tokenMalformed, algorithmRefused, keyIDMissing, keyUnknown, keyIssuerMismatch
        case signatureInvalid, issuerMismatch, audienceMismatch, authorizedPartyMismatch, expired, notYetValid
        case issuedInFuture, nonceMismatch, tenantRefused, domainRefused, subjectMissing
    }

    /// What a guest is told.
    package enum GuestReason: String, Sendable, CaseIterable {
        case denied, providerDown, signinLost, account, consent, setup
    }

    /// Whether the provider could not be reached or says itself that it is not available.
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
    /// Reads an error answer, of either leg.
    init(provider: AuthIntegration.Provider, error: String, description: String?, codes: [Int]) {
        let words = [error, description].compactMap(\.self).joined(separator: ": ")
        let number = provider == .azure ? (codes.first ?? EntraErrors.number(in: description)) : nil
        if let number, let kind = EntraErrors.kind(of: number) {
            self.init(kind, detail: "AADSTS\(number): \(EntraErrors.meaning(of: number) ?? error)", words: words)
        } else {
            self.init(Self.kind(of: error), detail: "the provider answered “\(error.prefix(64))”", words: words)
        }
    }

    /// RFC 6749 sections 4.1.2.1 and 5.2, OpenID Connect Core section 3.1.2.6, GitHub's own,
    /// and what lesser servers send.
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
    /// The client secret for a request to the provider.
    var readableSecret: String {
        get throws(SignInFailure) {
            guard let text = clientSecret.revealed else {
                throw SignInFailure(.secretUnreadable, detail: "the stored client secret \(Secret.unreadableAdvice)")
            }
            return text
        }
    }
}
