import Captive
import Foundation
import HTTPClient
import NetworkAddress

/// The token endpoint's response. Used during one sign-in only; its descriptions contain no tokens.
struct TokenResponse: Sendable, CustomStringConvertible, CustomReflectable {
    let accessToken: String?
    let idToken: String?

    var description: String { "•••" }
    var customMirror: Mirror { Mirror(self, children: []) }
}

/// Exchanges an authorization code for tokens (RFC 6749 section 4.1.3).
struct CodeExchange {
    let providerClient: ProviderClient
    let provider: any IdentityProvider
    let integration: AuthIntegration

    func tokens(for code: String, _ transaction: SignInTransaction) async throws(SignInFailure) -> TokenResponse {
        var fields = [
            (name: "grant_type", value: "authorization_code"), (name: "code", value: code),
            (name: "redirect_uri", value: transaction.redirectURI), (name: "client_id", value: integration.clientID),
            (name: "client_secret", value: try integration.readableSecret),
        ]
        if let verifier = transaction.verifier { fields.append(("code_verifier", verifier)) }
        let response = try await providerClient.post(transaction.tokenEndpoint, form: fields)
        return try Self.read(response, integration.provider)
    }

    /// Reads a token response. An `error` field fails with any status, because GitHub sends it with 200.
    static func read(_ response: HTTPResponse, _ provider: AuthIntegration.Provider) throws(SignInFailure)
        -> TokenResponse
    {
        let fields = fields(response)
        if let error = fields["error"]?.text {
            throw SignInFailure(
                provider: provider, error: error, description: fields["error_description"]?.text,
                codes: fields["error_codes"]?.array.compactMap(\.integer) ?? [])
        }
        if response.status >= 500 {
            throw SignInFailure(.unavailable, detail: "the token endpoint returned status \(response.status)")
        }
        guard response.status == 200 else {
            throw SignInFailure(.answerMalformed, detail: "the token endpoint returned status \(response.status)")
        }
        guard fields["access_token"]?.text != nil || fields["id_token"]?.text != nil else {
            throw SignInFailure(.answerMalformed, detail: "the token response has no token")
        }
        return TokenResponse(accessToken: fields["access_token"]?.text, idToken: fields["id_token"]?.text)
    }

    /// Reads JSON, with any content type, or the form encoding that is GitHub's default.
    private static func fields(_ response: HTTPResponse) -> [String: ClaimValue] {
        if let fields = ClaimValue.object(from: response.body) { return fields }
        let pairs = FormURLEncoding.decode(String(streamSafe: response.body))
        guard response["Content-Type"]?.lowercased().hasPrefix("application/x-www-form-urlencoded") == true else {
            return [:]
        }
        return Dictionary(pairs.map { ($0.name, ClaimValue.string($0.value)) }, uniquingKeysWith: { first, _ in first })
    }
}
