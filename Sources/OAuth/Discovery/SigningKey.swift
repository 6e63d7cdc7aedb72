import Captive
import JWTKit

/// A provider's public RSA key (RFC 7517).
struct SigningKey: Sendable {
    let id: String
    /// The issuer whose tokens the key may sign, if the provider restricts it.
    let issuer: String?
    private let key: Insecure.RSA.PublicKey

    /// Nil if the key cannot verify RS256 or is shorter than 2,048 bits.
    init?(_ value: ClaimValue) {
        guard value["kty"]?.text == "RSA", let id = value["kid"]?.text, value["use"]?.text ?? "sig" == "sig",
            value["alg"]?.text ?? IDTokenCheck.algorithm == IDTokenCheck.algorithm,
            let modulus = value["n"]?.text, let exponent = value["e"]?.text,
            let bytes = Base64URL.decode(modulus), (256...1_024).contains(bytes.count),
            let key = try? Insecure.RSA.PublicKey(modulus: modulus, exponent: exponent)
        else { return nil }
        self.id = id
        self.key = key
        issuer = value["issuer"]?.text
    }

    /// Whether `signature` is an RS256 signature of `message` with this key.
    func verifies(_ signature: [UInt8], of message: [UInt8]) async -> Bool {
        let keys = await JWTKeyCollection().add(rsa: key, digestAlgorithm: .sha256)
        return (try? await keys.getKey().verify(signature, signs: message)) ?? false
    }

    /// Returns the usable keys of a key set by id, at most 64; nil if `bytes` is not a key set.
    static func keys(_ bytes: [UInt8]) -> [String: SigningKey]? {
        guard case .list(let values)? = ClaimValue.object(from: bytes)?["keys"] else { return nil }
        let keys = values.prefix(64).compactMap(SigningKey.init)
        return Dictionary(keys.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }
}
