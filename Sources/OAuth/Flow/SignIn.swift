package import Captive
import Crypto
import Foundation
package import HTTPClient
package import Logging

/// Signs people in. Callable from any task; what is slow for one provider holds up nobody at another.
package struct SignIn: Sendable {
    let settings: OAuthSettings
    let providerClient: ProviderClient
    let directory: ProviderDirectory
    let now: WallClock
    let logger: Logger

    package init(settings: OAuthSettings, client: HTTPClient, now: @escaping WallClock, logger: Logger) {
        self.settings = settings
        self.now = now
        self.logger = logger
        providerClient = ProviderClient(client: client, caCertificatePath: settings.caCertificatePath, timeout: settings.timeout)
        directory = ProviderDirectory(providerClient: providerClient, now: now, logger: logger)
    }

    /// Who signed in, and how it was found out.
    package struct Result: Sendable {
        package var identity: GuestSession.Identity
        /// What the provider said, in the order of their names; no tokens.
        package var claims: [(name: String, value: String)]
        package var checks: [CheckResult]
    }

    func provider(_ kind: AuthIntegration.Provider) -> any IdentityProvider {
        switch kind {
        case .azure: Azure(settings: settings, directory: directory)
        case .google: Google(settings: settings, directory: directory)
        case .github: GitHub(settings: settings, providerClient: providerClient)
        }
    }

    /// Why nobody can sign in with `integration` at the moment, if that was seen less than a minute ago. Asks nobody,
    /// and waits for nothing.
    package func failure(of integration: AuthIntegration) -> SignInFailure? {
        provider(integration.provider).failure(of: integration)
    }

    /// The address to send a browser to, and what to remember until it comes back.
    ///
    /// - Parameters:
    ///   - redirectURI: one literal for each provider, registered there.
    ///   - browser: what ties the transaction to the browser; see `SignInTransaction.browser`.
    package func begin(
        _ integration: AuthIntegration, redirectURI: String, browser: String, context: [UInt8]
    ) async throws(SignInFailure) -> (transaction: SignInTransaction, url: @Sendable (_ state: String) -> String) {
        let provider = provider(integration.provider)
        let endpoints = try await provider.endpoints(of: integration)
        let transaction = SignInTransaction(
            id: UUID(), provider: integration.provider, integrationID: integration.id,
            verifier: endpoints.supportsPKCE ? PKCE.random() : nil, nonce: PKCE.random(),
            issuer: endpoints.issuer, issuerIsPromised: endpoints.namesIssuer, tokenEndpoint: endpoints.token,
            redirectURI: redirectURI, createdAt: now(), browser: browser, context: context)
        let fields = authorizationFields(transaction, integration, provider)
        let start = endpoints.authorization + (endpoints.authorization.contains("?") ? "&" : "?")
        return (transaction, { start + FormURLEncoding.encode(fields + [("state", $0)]) })
    }

    private func authorizationFields(
        _ transaction: SignInTransaction, _ integration: AuthIntegration, _ provider: any IdentityProvider
    ) -> [(name: String, value: String)] {
        var fields = [
            (name: "client_id", value: integration.clientID), (name: "response_type", value: "code"),
            (name: "redirect_uri", value: transaction.redirectURI),
        ]
        fields += provider.parameters(of: integration)
        if provider.usesNonce { fields.append(("nonce", transaction.nonce)) }
        if let verifier = transaction.verifier {
            fields.append(("code_challenge", PKCE.challenge(of: verifier)))
            fields.append(("code_challenge_method", "S256"))
        }
        return fields
    }

    /// Takes the provider's answer: compares the issuer before anything is sent, exchanges the code, checks all there
    /// is to check. The caller has opened `transaction` from the answer's state, compared the browser and made sure
    /// that the transaction was not used before.
    package func finish(
        _ answer: AuthorizationResponse, _ transaction: SignInTransaction, _ integration: AuthIntegration
    ) async throws(SignInFailure) -> Result {
        var checks = CheckList()
        let code = try Self.code(answer, transaction, integration, &checks)
        let provider = provider(transaction.provider)
        let exchange = CodeExchange(providerClient: providerClient, provider: provider, integration: integration)
        let tokens = try await checks.step("token answer", "the code was exchanged at \(transaction.tokenEndpoint)") {
            () async throws(SignInFailure) in try await exchange.tokens(for: code, transaction)
        }
        return try await provider.result(of: tokens, transaction, integration, &checks)
    }

    private static func code(
        _ answer: AuthorizationResponse, _ transaction: SignInTransaction, _ integration: AuthIntegration,
        _ checks: inout CheckList
    ) throws(SignInFailure) -> String {
        try checks.require(
            integration.id == transaction.integrationID && integration.provider == transaction.provider, "integration",
            "the answer belongs to the integration that asked", else: .callbackMalformed)
        try checks.require(
            !answer.isAmbiguous, "parameters", "no parameter is repeated", else: .callbackMalformed)
        try checkIssuer(answer.issuer, transaction, &checks)
        if let error = answer.error {
            let failure = SignInFailure(
                provider: transaction.provider, error: error, description: answer.description, codes: [])
            throw failure.with(checks.results + [CheckResult("provider's answer", passed: false, error)])
        }
        try checks.require(
            answer.code?.isEmpty == false, "provider's answer", "a code has come", else: .callbackMalformed)
        return answer.code ?? ""
    }

    /// RFC 9207 section 2.4: simple string comparison, before any token is asked for.
    private static func checkIssuer(
        _ issuer: String?, _ transaction: SignInTransaction, _ checks: inout CheckList
    ) throws(SignInFailure) {
        guard let issuer else {
            return try checks.require(
                !transaction.issuerIsPromised, "iss of the answer", "none has come", else: .answerIssuerMissing)
        }
        let isTemplate = transaction.issuer.contains(Azure.tenantPlaceholder)
        try checks.require(
            issuer == transaction.issuer || isTemplate && Azure.fits(issuer, template: transaction.issuer),
            "iss of the answer", "\(issuer), expected \(transaction.issuer)", else: .answerIssuerMismatch)
    }

    /// Host names that guests must reach before they are let through, for a provider's browser legs: as few as work,
    /// and none that an operating system probes.
    package func walledGardenHosts(for provider: AuthIntegration.Provider) -> [String] {
        self.provider(provider).walledGardenHosts
    }

    /// The origins that a provider's sign-in begins at, for `form-action`.
    package static func formOrigins(_ settings: OAuthSettings) -> [String] {
        Set([settings.azureAuthority, settings.googleIssuer, settings.githubURL].compactMap(Self.origin)).sorted()
    }

    static func origin(_ url: String) -> String? {
        guard let parts = URLComponents(string: url), let scheme = parts.scheme, let host = parts.host else {
            return nil
        }
        return "\(scheme)://\(host)" + (parts.port.map { ":\($0)" } ?? "")
    }
}
