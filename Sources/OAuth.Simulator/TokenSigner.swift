import CryptoExtras
import Foundation

/// The simulator's key, generated at start, and tokens signed with it (RFC 7515, RS256).
struct TokenSigner: Sendable {
    let keyID: String
    private let key: _RSA.Signing.PrivateKey

    init() throws {
        key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        keyID = "simulated-\(UInt32.random(in: .min ... .max))"
    }

    func token(_ claims: [String: Any]) throws -> String {
        let header = JSONText.bytes(["alg": "RS256", "typ": "JWT", "kid": keyID])
        let signed = Self.base64URL(header) + "." + Self.base64URL(JSONText.bytes(claims))
        let signature = try key.signature(for: Array(signed.utf8), padding: .insecurePKCS1v1_5)
        return signed + "." + Self.base64URL(Array(signature.rawRepresentation))
    }

    /// The public key as a member of a JWK set (RFC 7517); `issuer` is a field of Microsoft's keys.
    func publicKey(issuer: String? = nil) throws -> [String: Any] {
        let numbers = try key.publicKey.getKeyPrimitives()
        var fields: [String: Any] = [
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": keyID, "n": Self.base64URL(Array(numbers.modulus)),
            "e": Self.base64URL(Array(numbers.publicExponent)),
        ]
        fields["issuer"] = issuer
        return fields
    }

    static func base64URL(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}

/// JSON with sorted keys.
enum JSONText {
    static func bytes(_ fields: Any) -> [UInt8] {
        let options: JSONSerialization.WritingOptions = [.sortedKeys, .withoutEscapingSlashes]
        return (try? JSONSerialization.data(withJSONObject: fields, options: options)).map(Array.init) ?? []
    }
}
