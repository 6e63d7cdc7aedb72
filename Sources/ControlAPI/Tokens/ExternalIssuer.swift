import Captive
import Foundation
import JWTKit
import NetworkAddress
import Synchronization

/// Fetches the keys of an external token issuer.
package protocol KeySetSource: Sendable {
    /// The issuer's current JSON Web Key Set (RFC 7517 section 5).
    func keySet() async throws -> String
}

/// An issuer other than the portal. Accepts tokens that are signed with one of its published keys (RS256, ES256 and
/// similar, never HMAC) for this audience. Thread-safe.
package final class ExternalIssuer: Sendable {
    private let issuer: String
    private let audience: String
    private let source: any KeySetSource
    private let state = Mutex(State())
    /// Seconds for which a key set is cached, and the minimum seconds between two fetches if a token has an unknown key
    /// or the last fetch failed.
    private static let (lifetime, pause): (TimeInterval, TimeInterval) = (600, 30)

    private struct Fetched {
        var keys: JWTKeyCollection
        var names: Set<String>
        var time: Date
    }

    private struct State {
        var fetched: Fetched?
        var failedAt: Date?
        /// The fetch in progress, shared by all requests that need it.
        var fetch: Task<JWTKeyCollection, any Error>?
    }

    package init(issuer: String, audience: String, source: any KeySetSource) {
        self.issuer = issuer
        self.audience = audience
        self.source = source
    }

    /// Throws if the token is not from this issuer for this audience. Does not check expiry.
    func verify(_ token: String, now: Date) async throws -> TokenClaims {
        guard let header = Header(of: token), Self.algorithms.contains(header.algorithm) else { throw Rejected() }
        let keys = try await keys(holding: header.keyID, now: now)
        let claims = try await keys.verify(token, as: TokenClaims.self)
        guard claims.iss?.value == issuer, claims.aud?.value.contains(audience) == true else { throw Rejected() }
        return claims
    }

    private struct Rejected: Error {}

    /// The unverified header of a token.
    private struct Header: Decodable {
        let algorithm: String
        let keyID: String?

        enum CodingKeys: String, CodingKey {
            case algorithm = "alg"
            case keyID = "kid"
        }

        init?(of token: String) {
            guard let text = token.split(separator: ".").first, let bytes = Base64URL.decode(String(text)),
                let header = try? JSONDecoder().decode(Header.self, from: Data(bytes.streamSafeJSON))
            else { return nil }
            self = header
        }
    }

    private static let algorithms: Set = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "EdDSA"]

    private func keys(holding kid: String?, now: Date) async throws -> JWTKeyCollection {
        if let fetched = state.withLock(\.fetched) {
            let isKnown = kid.map(fetched.names.contains) ?? true
            if now.timeIntervalSince(fetched.time) < (isKnown ? Self.lifetime : Self.pause) { return fetched.keys }
        }
        let fetch = try state.withLock { state in
            if let fetch = state.fetch { return fetch }
            if let failedAt = state.failedAt, (0..<Self.pause).contains(now.timeIntervalSince(failedAt)) {
                throw Rejected()
            }
            let fetch = Task { try await self.fetch(now: now) }
            state.fetch = fetch
            return fetch
        }
        return try await fetch.value
    }

    private func fetch(now: Date) async throws -> JWTKeyCollection {
        do {
            let document = Array(try await source.keySet().utf8)
            let set = try JSONDecoder().decode(JWKS.self, from: Data(document.streamSafeJSON))
            let keys = JWTKeyCollection()
            try await keys.add(jwks: set)
            let names = Set(set.keys.compactMap { $0.keyIdentifier?.string })
            state.withLock { $0 = State(fetched: Fetched(keys: keys, names: names, time: now)) }
            return keys
        } catch {
            state.withLock { ($0.failedAt, $0.fetch) = (now, nil) }
            throw error
        }
    }
}
