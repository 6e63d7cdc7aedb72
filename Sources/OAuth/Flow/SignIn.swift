package import Captive
import Crypto
import Foundation
package import HTTPClient
package import Logging

/// Signs people in at identity providers. Thread-safe. A slow provider does not delay sign-ins at another.
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
        providerClient = ProviderClient(
            client: client, caCertificatePath: settings.caCertificatePath, timeout: settings.timeout)
        directory = ProviderDirectory(providerClient: providerClient, now: now, logger: logger)
    }

    /// The identity of the person who signed in, with the checks.
    package struct Result: Sendable {
        package var identity: GuestSession.Identity
        /// The provider's claims, sorted by name, without tokens.
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

    /// The failure of the integration's provider, if it occurred less than a minute ago. Sends no request and does not
    /// wait.
    package func failure(of integration: AuthIntegration) -> SignInFailure? {
        provider(integration.provider).failure(of: integration)
    }

    /// Returns the transaction to keep until the response, and the address to redirect the browser to.
    ///
    /// - Parameters:
    ///   - redirectURI: the address that is registered at the provider.
    ///   - browser: binds the transaction to the browser; see `SignInTransaction.browser`.
    package func begin(
        _ integration: AuthIntegration, redirectURI: String, browser: String, context: [UInt8]
    ) async throws(SignInFailure) -> (transaction: SignInTransaction, url: @Sendable (_ state: String) -> String) {
        let provider = provider(integration.provider)
        let endpoints = try await provider.endpoints(of: integration)
        let transaction = SignInTransaction(
            id: UUID(), provider: integration.provider, integrationID: integration.id,
            verifier: endpoints.supportsPKCE ? PKCE.random() : nil, nonce: PKCE.random(),
            issuer: endpoints.issuer, expectsIssuer: endpoints.sendsIssuer, tokenEndpoint: endpoints.token,
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

    /// Handles the authorization response: compares the issuer before any request, exchanges the code, and checks the
    /// tokens. The caller must have opened `transaction` from the response's state, compared the browser, and made sure
    /// that the transaction was not used before.
    package func finish(
        _ response: AuthorizationResponse, _ transaction: SignInTransaction, _ integration: AuthIntegration
    ) async throws(SignInFailure) -> Result {
        var checks = CheckList()
        let code = try Self.code(response, transaction, integration, &checks)
        let provider = provider(transaction.provider)
        let exchange = CodeExchange(providerClient: providerClient, provider: provider, integration: integration)
        let tokens = try await checks.step("token response", "the code was exchanged at \(transaction.tokenEndpoint)") {
            () async throws(SignInFailure) in try await exchange.tokens(for: code, transaction)
        }
        return try await provider.result(of: tokens, transaction, integration, &checks)
    }

    private static func code(
        _ response: AuthorizationResponse, _ transaction: SignInTransaction, _ integration: AuthIntegration,
        _ checks: inout CheckList
    ) throws(SignInFailure) -> String {
        try checks.require(
            integration.id == transaction.integrationID && integration.provider == transaction.provider, "integration",
            "must be the integration of the request", else: .callbackMalformed)
        try checks.require(
            !response.isAmbiguous, "parameters", "must not be repeated", else: .callbackMalformed)
        try checkIssuer(response.issuer, transaction, &checks)
        if let error = response.error {
            let failure = SignInFailure(
                provider: transaction.provider, error: error, description: response.description, codes: [])
            throw failure.with(checks.results + [CheckResult("provider response", passed: false, error)])
        }
        try checks.require(
            response.code?.isEmpty == false, "provider response", "must contain a code", else: .callbackMalformed)
        return response.code ?? ""
    }

    /// Compares the issuer as RFC 9207 section 2.4 requires: by simple string comparison, before the token request.
    private static func checkIssuer(
        _ issuer: String?, _ transaction: SignInTransaction, _ checks: inout CheckList
    ) throws(SignInFailure) {
        guard let issuer else {
            return try checks.require(
                !transaction.expectsIssuer, "response issuer",
                transaction.expectsIssuer ? "missing" : "not sent (optional)", else: .answerIssuerMissing)
        }
        let isTemplate = transaction.issuer.contains(Azure.tenantPlaceholder)
        try checks.require(
            issuer == transaction.issuer || isTemplate && Azure.matches(issuer, template: transaction.issuer),
            "response issuer", "\(issuer), expected \(transaction.issuer)", else: .answerIssuerMismatch)
    }

    /// The hosts that guests' browsers must reach to sign in at a provider: as few as possible, and no probe hosts.
    package func walledGardenHosts(for provider: AuthIntegration.Provider) -> [String] {
        self.provider(provider).walledGardenHosts
    }

    /// The origins of the providers' sign-in pages, for `form-action` of the Content Security Policy.
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
