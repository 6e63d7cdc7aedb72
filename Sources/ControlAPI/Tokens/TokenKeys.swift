import Captive
import Crypto
import JWTKit

/// The keys of the portal's own tokens (HS256). The first key signs, all verify, so that tokens survive a key rotation.
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

    /// Throws if the token is not signed with one of the keys. A token without `kid` is tried with each key.
    func verify(_ token: String) async throws -> TokenClaims {
        try await collection().verify(token, as: TokenClaims.self, iteratingKeys: true)
    }

    /// Created for each use: adding keys is asynchronous and cannot be done in `init`. Verified tokens are cached.
    private func collection() async -> JWTKeyCollection {
        let collection = JWTKeyCollection()
        for (kid, key) in keys { await collection.add(hmac: HMACKey(key: key), digestAlgorithm: .sha256, kid: kid) }
        return collection
    }
}
