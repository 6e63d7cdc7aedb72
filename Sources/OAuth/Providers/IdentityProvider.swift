import Captive

/// A provider's addresses.
struct ProviderEndpoints: Sendable, Equatable {
    var authorization: String
    var token: String
    /// Who its answers and tokens name as their maker.
    var issuer: String
    /// Whether its answers are promised to name it (RFC 9207).
    var namesIssuer = false
    /// Whether it takes PKCE.
    var supportsPKCE = true
}

/// What differs between providers.
protocol IdentityProvider: Sendable {
    var walledGardenHosts: [String] { get }
    /// Whether it makes ID tokens, which carry a nonce.
    var usesNonce: Bool { get }
    func endpoints(of integration: AuthIntegration) async throws(SignInFailure) -> ProviderEndpoints
    /// Why nobody can sign in at the moment, as far as that was just seen. Asks nobody.
    func failure(of integration: AuthIntegration) -> SignInFailure?
    /// What the authorization request says besides what all say.
    func parameters(of integration: AuthIntegration) -> [(name: String, value: String)]
    /// Who it is. The tokens are dropped with `tokens`.
    func result(
        of tokens: TokenResponse, _ transaction: SignInTransaction, _ integration: AuthIntegration,
        _ checks: inout CheckList
    ) async throws(SignInFailure) -> SignIn.Result
    /// What can be checked without a person, besides the endpoints.
    func diagnose(_ integration: AuthIntegration, _ checks: inout CheckList) async throws(SignInFailure)
}
