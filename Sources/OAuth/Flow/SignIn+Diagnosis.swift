package import Captive

extension SignIn {
    /// Checks an integration as far as possible without a person: that the provider responds, publishes the required
    /// metadata, and accepts the client. The first failed check ends the list.
    package func diagnose(_ integration: AuthIntegration, redirectURI: String) async -> [CheckResult] {
        var checks = CheckList()
        do throws(SignInFailure) {
            let provider = provider(integration.provider)
            let endpoints = try await checks.step("discovery", "provider endpoints found") {
                () async throws(SignInFailure) in try await provider.endpoints(of: integration)
            }
            try await provider.diagnose(integration, &checks)
            try await checkClient(integration, endpoints, redirectURI, &checks)
        } catch {
            let guide = error.guide(integration, redirectURI: redirectURI)
            let results = error.checks.isEmpty ? checks.results : error.checks
            guard let last = results.last, !last.passed else {
                return results + [CheckResult(error.kind.rawValue, passed: false, "\(error.detail). \(guide.remedy)")]
            }
            return results.dropLast() + [CheckResult(last.name, passed: false, "\(last.detail). \(guide.remedy)")]
        }
        return checks.results
    }

    /// Redeems an invalid code: a provider that accepts the client rejects the code, otherwise it rejects the client.
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
            let clientFailures: [SignInFailure.Kind] = [
                .secretWrong, .secretExpired, .clientUnknown, .tenantUnknown, .tenantMismatch, .redirectMismatch,
                .unavailable,
            ]
            try checks.require(
                !clientFailures.contains(error.kind), "client",
                clientFailures.contains(error.kind) ? error.detail : "the provider accepts client id and secret",
                else: error.kind,
                providerMessage: error.providerMessage)
        }
    }
}
