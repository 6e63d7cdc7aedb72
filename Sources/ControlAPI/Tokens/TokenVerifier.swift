package import Captive
import Crypto
import Foundation
import JWTKit
import NetworkAddress
import Synchronization

/// Verifies bearer tokens (RFC 6750). Verified tokens are cached, so that only their times and revocation are checked
/// again. Thread-safe.
package final class TokenVerifier: Sendable {
    private let keys: TokenKeys
    private let revocations: TokenRevocations
    private let externalIssuer: ExternalIssuer?
    private let clock: WallClock
    private let cache = Mutex<[SHA256.Digest: Verified]>([:])
    private static let capacity = 1_024
    private static let maximumLength = 8_192
    /// Seconds by which the issuer's clock may be ahead.
    private static let clockLeeway: TimeInterval = 30

    private struct Verified {
        var caller: Caller
        var revocable: UUID?
        var begins: Date?
        var expires: Date
        /// When the signature was verified. It is verified again after 300 s, since an issuer may withdraw a key.
        var checked: Date
    }

    package init(
        sealer: Sealer, revocations: TokenRevocations, externalIssuer: ExternalIssuer? = nil, clock: @escaping WallClock
    ) {
        keys = TokenKeys(sealer: sealer)
        self.revocations = revocations
        self.externalIssuer = externalIssuer
        self.clock = clock
    }

    /// The caller of a request with these `Authorization` headers. Throws `APIError`: 401, or 403 if the scope is
    /// missing.
    package func caller(authorization fields: [String], needs scope: APIToken.Scope) async throws -> Caller {
        let verified = try await verified(try Self.token(in: fields))
        guard clock() < verified.expires else { throw TokenError.expired.error }
        if let begins = verified.begins, clock() + Self.clockLeeway < begins { throw TokenError.invalid.error }
        if let id = verified.revocable, try await !revocations.isGood(id, now: clock()) {
            throw TokenError.invalid.error
        }
        guard verified.caller.scopes.contains(scope) else { throw TokenError.lacks(scope).error }
        return verified.caller
    }

    /// The name of the scheme is case-insensitive. Several headers, or another scheme, count as a missing token.
    private static func token(in fields: [String]) throws -> String {
        let parts = fields.count == 1 ? fields[0].split(separator: " ", maxSplits: 1) : []
        guard let scheme = parts.first, scheme.lowercased() == "bearer" else { throw TokenError.missing.error }
        let token = parts.count == 2 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
        guard !token.isEmpty else { throw TokenError.missing.error }
        guard token.utf8.count <= maximumLength else { throw TokenError.invalid.error }
        return token
    }

    private func verified(_ token: String) async throws -> Verified {
        let digest = SHA256.hash(data: Array(token.utf8))
        let now = clock()
        if let known = cache.withLock({ $0[digest] }), now.timeIntervalSince(known.checked) < 300 { return known }
        let verified = try await check(token, now: now)
        cache.withLock { cache in
            if cache.count >= Self.capacity { cache.removeAll() }
            cache[digest] = verified
        }
        return verified
    }

    private func check(_ token: String, now: Date) async throws -> Verified {
        guard Self.isStreamSafe(token) else { throw TokenError.invalid.error }
        if let claims = try? await keys.verify(token) {
            guard let id = claims.jti.flatMap({ UUID(uuidString: $0.value) }) else { throw TokenError.invalid.error }
            return try Self.verified(claims, revocable: id, now)
        }
        guard let claims = try? await externalIssuer?.verify(token, now: now) else { throw TokenError.invalid.error }
        return try Self.verified(claims, revocable: nil, now)
    }

    /// Whether header and claims, which JWTKit decodes before it knows the signature, are as `streamSafeJSON` has them.
    private static func isStreamSafe(_ token: String) -> Bool {
        token.split(separator: ".").prefix(2).compactMap { Base64URL.decode(String($0)) }
            .allSatisfy { $0.streamSafeJSON == $0 }
    }

    private static func verified(_ claims: TokenClaims, revocable: UUID?, _ now: Date) throws -> Verified {
        guard let workspace = Workspace(rawValue: claims.workspace) else { throw TokenError.invalid.error }
        let caller = Caller(
            workspace: workspace, scopes: claims.scopes, tokenID: claims.jti?.value.shortened,
            subject: claims.sub.value.shortened)
        return Verified(
            caller: caller, revocable: revocable, begins: claims.nbf?.value, expires: claims.exp.value, checked: now)
    }
}
