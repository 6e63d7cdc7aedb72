import Captive

/// A provider's endpoints.
struct ProviderEndpoints: Sendable, Equatable {
    var authorization: String
    var token: String
    /// The issuer of the provider's responses and tokens.
    var issuer: String
    /// Whether authorization responses contain `iss` (RFC 9207).
    var sendsIssuer = false
    /// Whether the provider supports PKCE.
    var supportsPKCE = true
}

/// The parts of a sign-in that differ between providers.
protocol IdentityProvider: Sendable {
    var walledGardenHosts: [String] { get }
    /// Whether the provider issues ID tokens, which contain the nonce.
    var usesNonce: Bool { get }
    func endpoints(of integration: AuthIntegration) async throws(SignInFailure) -> ProviderEndpoints
    /// A recent failure that affects all sign-ins; nil if there is none. Sends no request.
    func failure(of integration: AuthIntegration) -> SignInFailure?
    /// The provider's additional parameters of the authorization request.
    func parameters(of integration: AuthIntegration) -> [(name: String, value: String)]
    /// Returns the identity of the person. Does not keep `tokens`.
    func result(
        of tokens: TokenResponse, _ transaction: SignInTransaction, _ integration: AuthIntegration,
        _ checks: inout CheckList
    ) async throws(SignInFailure) -> SignIn.Result
    /// Adds the checks that need no person, except that of the endpoints.
    func diagnose(_ integration: AuthIntegration, _ checks: inout CheckList) async throws(SignInFailure)
}
