import Captive
import Crypto

/// Proof Key for Code Exchange (RFC 7636), method S256.
enum PKCE {
    /// Returns 43 random characters with 256 bits of entropy, for verifiers and nonces.
    static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        return Base64URL.encode((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    /// RFC 7636 section 4.2.
    static func challenge(of verifier: String) -> String {
        Base64URL.encode(Array(SHA256.hash(data: Array(verifier.utf8))))
    }
}
