package import Captive

extension SignIn {
    /// What can be checked of an integration without a person: that the provider answers, publishes what is needed, and
    /// knows the client. The first failure ends it and is the last of the list.
    package func diagnose(_ integration: AuthIntegration, redirectURI: String) async -> [CheckResult] {
        var checks = CheckList()
        do throws(SignInFailure) {
            let provider = provider(integration.provider)
            let endpoints = try await checks.step("addresses", "known; sign-in begins at the provider") {
                () async throws(SignInFailure) in try await provider.endpoints(of: integration)
            }
            try await provider.diagnose(integration, &checks)
            try await checkClient(integration, endpoints, redirectURI, &checks)
        } catch {
            let guide = error.guide(integration, redirectURI: redirectURI)
            let seen = error.checks.isEmpty ? checks.results : error.checks
            guard let last = seen.last, !last.passed else {
                return seen + [CheckResult(error.kind.rawValue, passed: false, "\(error.detail). \(guide.remedy)")]
            }
            return seen.dropLast() + [CheckResult(last.name, passed: false, "\(last.detail). \(guide.remedy)")]
        }
        return checks.results
    }

    /// Redeems a code that nobody made: a provider that knows the client refuses the code,
    /// one that does not the client.
    private func checkClient(
        _ integration: AuthIntegration, _ endpoints: ProviderEndpoints, _ redirectURI: String, _ checks: inout CheckList
    ) async throws(SignInFailure) {
        var form = [
            (name: "grant_type", value: "authorization_code"), (name: "code", value: "portico-check"),
            (name: "redirect_uri", value: redirectURI), (name: "client_id", value: integration.clientID),
            (name: "client_secret", value: try integration.readableSecret),
        ]
        if endpoints.supportsPKCE { form.append(("code_verifier", PKCE.random())) }
        let response = try await providerClient.post(endpoints.token, form: form)
        do throws(SignInFailure) {
            _ = try CodeExchange.read(response, integration.provider)
        } catch {
            let isClients: [SignInFailure.Kind] = [
                .secretWrong, .secretExpired, .clientUnknown, .tenantUnknown, .tenantMismatch, .redirectMismatch,
                .unavailable,
            ]
            try checks.require(
                !isClients.contains(error.kind), "client",
                isClients.contains(error.kind) ? error.detail : "the provider takes client id and secret",
                else: error.kind,
                words: error.words)
        }
    }
}
