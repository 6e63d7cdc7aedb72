import Captive
import Crypto
import JWTKit

/// The keys that sign this portal's own tokens, HS256. The first signs, all verify: tokens outlive a rotation.
struct TokenKeys: Sendable {
    private let keys: [(kid: JWKIdentifier, key: SymmetricKey)]

    init(sealer: Sealer) {
        keys = sealer.derivedKeys(for: "api-tokens").map { key in
            let digest = key.withUnsafeBytes { SHA256.hash(data: $0) }
            return (JWKIdentifier(string: Base64URL.encode(Array(digest.prefix(6)))), key)
        }
    }

    func sign(_ claims: TokenClaims) async throws -> String {
        try await collection().sign(claims, kid: keys[0].kid)
    }

    /// Throws if no key has signed it; a token without `kid` is tried with each.
    func verify(_ token: String) async throws -> TokenClaims {
        try await collection().verify(token, as: TokenClaims.self, iteratingKeys: true)
    }

    /// Made anew for each use: filling it is asynchronous, so that no initializer could, and tokens are remembered.
    private func collection() async -> JWTKeyCollection {
        let collection = JWTKeyCollection()
        for (kid, key) in keys { await collection.add(hmac: HMACKey(key: key), digestAlgorithm: .sha256, kid: kid) }
        return collection
    }
}
