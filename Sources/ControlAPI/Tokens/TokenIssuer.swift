package import Captive
package import Foundation
import JWTKit
package import Storage

/// Issues the portal's own API tokens. The store lists tokens; the store or `TokenRevocations` revokes them.
package struct TokenIssuer: Sendable {
    private let keys: TokenKeys
    private let store: Store

    package init(sealer: Sealer, store: Store) {
        keys = TokenKeys(sealer: sealer)
        self.store = store
    }

    /// Creates a token that expires after `lifetime` seconds. Stores its record but not the token itself, which cannot
    /// be shown again. `id` is its `jti`.
    package func issue(
        id: UUID = UUID(), workspace: Workspace, scopes: Set<APIToken.Scope>, lifetime: Int, now: Date
    ) async throws -> String {
        let record = APIToken(
            id: id, workspace: workspace, scopes: scopes, createdAt: now,
            expiresAt: Self.wholeSecond(now) + TimeInterval(lifetime))
        let text = try await keys.sign(Self.claims(of: record))
        try await store.record(record)
        return text
    }

    private static func claims(of record: APIToken) -> TokenClaims {
        let scope = APIToken.Scope.allCases.filter(record.scopes.contains).map(\.rawValue).joined(separator: " ")
        return TokenClaims(
            sub: .init(value: record.workspace.rawValue), workspace: record.workspace.rawValue, scope: scope,
            exp: .init(value: record.expiresAt), iat: .init(value: wholeSecond(record.createdAt)),
            jti: .init(value: record.id.text))
    }

    private static func wholeSecond(_ time: Date) -> Date {
        Date(timeIntervalSince1970: time.timeIntervalSince1970.rounded(.down))
    }
}
