import Captive

/// A parsed token that has not been verified (RFC 7515 section 7.1).
struct IDToken {
    let algorithm: String?
    let keyID: String?
    let claims: [String: ClaimValue]
    /// The bytes that the signature covers.
    let signed: [UInt8]
    let signature: [UInt8]

    private static let maxBytes = 32 << 10

    /// Nil unless `text` is a JWS of three parts whose first two are JSON objects.
    init?(_ text: String) {
        guard text.utf8.count <= Self.maxBytes else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let header = Base64URL.decode(parts[0]).flatMap(ClaimValue.object),
            let claims = Base64URL.decode(parts[1]).flatMap(ClaimValue.object),
            let signature = Base64URL.decode(parts[2])
        else { return nil }
        algorithm = header["alg"]?.text
        keyID = header["kid"]?.text
        self.claims = claims
        self.signature = signature
        signed = Array("\(parts[0]).\(parts[1])".utf8)
    }
}
