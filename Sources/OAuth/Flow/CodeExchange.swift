import Captive
import Foundation
import HTTPClient

/// What a token endpoint gave. Lives for one sign-in only, and is never printed.
struct TokenResponse: Sendable, CustomStringConvertible, CustomReflectable {
    let accessToken: String?
    let idToken: String?

    var description: String { "•••" }
    var customMirror: Mirror { Mirror(self, children: []) }
}

/// Turns a code into tokens (RFC 6749 section 4.1.3).
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

    /// An error counts whatever the status: GitHub sends it with 200.
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
            throw SignInFailure(.unavailable, detail: "the token endpoint answered \(response.status)")
        }
        guard response.status == 200 else {
            throw SignInFailure(.answerMalformed, detail: "the token endpoint answered \(response.status)")
        }
        guard fields["access_token"]?.text != nil || fields["id_token"]?.text != nil else {
            throw SignInFailure(.answerMalformed, detail: "the token endpoint's answer holds no token")
        }
        return TokenResponse(accessToken: fields["access_token"]?.text, idToken: fields["id_token"]?.text)
    }

    /// JSON, or the form encoding that GitHub uses unless asked, whatever the content type says.
    private static func fields(_ response: HTTPResponse) -> [String: ClaimValue] {
        if let fields = ClaimValue.object(from: response.body) { return fields }
        let pairs = FormURLEncoding.decode(String(decoding: response.body, as: UTF8.self))
        guard response["Content-Type"]?.lowercased().hasPrefix("application/x-www-form-urlencoded") == true else {
            return [:]
        }
        return Dictionary(pairs.map { ($0.name, ClaimValue.string($0.value)) }, uniquingKeysWith: { first, _ in first })
    }
}
