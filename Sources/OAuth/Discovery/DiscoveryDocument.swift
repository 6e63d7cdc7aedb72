/// A provider's metadata (OpenID Connect Discovery section 3).
struct DiscoveryDocument: Sendable, Equatable {
    let issuer: String
    let authorizationEndpoint: String
    let tokenEndpoint: String
    let keysURL: String
    /// Whether authorization responses contain `iss` (RFC 9207).
    let sendsIssuer: Bool

    /// Nil if a field is missing or an address is invalid. Plain http is accepted only if `base` is http.
    init?(_ bytes: [UInt8], base: String) {
        guard let fields = ClaimValue.object(from: bytes), let issuer = fields["issuer"]?.text,
            let authorization = fields["authorization_endpoint"]?.text, let token = fields["token_endpoint"]?.text,
            let keys = fields["jwks_uri"]?.text,
            [authorization, token, keys].allSatisfy({ Self.isAddress($0, base: base) })
        else { return nil }
        self.issuer = issuer
        authorizationEndpoint = authorization
        tokenEndpoint = token
        keysURL = keys
        sendsIssuer = fields["authorization_response_iss_parameter_supported"]?.flag ?? false
    }

    private static func isAddress(_ url: String, base: String) -> Bool {
        guard url.utf8.count <= 1_024, url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !url.contains("#") else {
            return false
        }
        return url.hasPrefix("https://") || base.hasPrefix("http://") && url.hasPrefix("http://")
    }
}
