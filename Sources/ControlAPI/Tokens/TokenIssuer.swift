package import Captive
package import Foundation
import JWTKit

/// Issues, lists and revokes the portal's own API tokens.
package struct TokenIssuer: Sendable {
    private let keys: TokenKeys
    private let store: any APITokenStore
    private let revocations: TokenRevocations
    private let clock: WallClock

    /// `revocations` is the verifier's, where there is one in this process.
    package init(
        sealer: Sealer, store: any APITokenStore, revocations: TokenRevocations, clock: @escaping WallClock
    ) {
        keys = TokenKeys(sealer: sealer)
        self.store = store
        self.revocations = revocations
        self.clock = clock
    }

    /// Makes a token that lasts `lifetime` seconds and records it. The text is not kept: it cannot be shown again.
    package func issue(
        workspace: Workspace = .default, scopes: Set<APIToken.Scope> = Set(APIToken.Scope.allCases),
        lifetime: TimeInterval
    ) async throws -> (token: Secret, record: APIToken) {
        let now = clock()
        let record = APIToken(
            id: UUID(), workspace: workspace, scopes: scopes, createdAt: now, expiresAt: now + lifetime.rounded(.down))
        let text = try await keys.sign(Self.claims(of: record))
        try await store.record(record)
        return (Secret(text), record)
    }

    /// Newest first, revoked and expired ones too.
    package func list() async throws -> [APIToken] { try await store.tokens() }

    /// False if there is no such token.
    package func revoke(_ id: UUID) async throws -> Bool { try await revocations.revoke(id, now: clock()) }

    private static func claims(of record: APIToken) -> TokenClaims {
        let scope = APIToken.Scope.allCases.filter(record.scopes.contains).map(\.rawValue).joined(separator: " ")
        return TokenClaims(
            sub: .init(value: record.workspace.rawValue), workspace: record.workspace.rawValue, scope: scope,
            exp: .init(value: wholeSecond(record.expiresAt)), iat: .init(value: wholeSecond(record.createdAt)),
            jti: .init(value: record.id.text))
    }

    private static func wholeSecond(_ time: Date) -> Date {
        Date(timeIntervalSince1970: time.timeIntervalSince1970.rounded(.down))
    }
}
