import Captive
import Crypto

/// A proof key for a code exchange (RFC 7636), method S256.
enum PKCE {
    /// 43 characters that nobody can foresee: 256 bits.
    static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        return Base64URL.encode((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    /// RFC 7636 section 4.2.
    static func challenge(of verifier: String) -> String {
        Base64URL.encode(Array(SHA256.hash(data: Array(verifier.utf8))))
    }
}
