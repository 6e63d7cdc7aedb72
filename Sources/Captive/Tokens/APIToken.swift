package import Foundation

/// The record of an issued API token; the token itself is not kept.
package struct APIToken: Sendable, Equatable, Identifiable {
    /// The token's `jti`.
    package let id: UUID
    package let workspace: Workspace
    package let scopes: Set<Scope>
    package let createdAt: Date
    package let expiresAt: Date
    package var revokedAt: Date?

    /// What a token may do.
    package enum Scope: String, Sendable, CaseIterable {
        case read = "captive:read"
        case write = "captive:write"
    }

    package init(
        id: UUID, workspace: Workspace, scopes: Set<Scope>, createdAt: Date, expiresAt: Date, revokedAt: Date? = nil
    ) {
        self.id = id
        self.workspace = workspace
        self.scopes = scopes
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
    }
}

/// Keeps the records of issued tokens.
package protocol APITokenStore: Sendable {
    /// Keeps a token that is being issued; the token itself is not kept.
    func record(_ token: APIToken) async throws
    /// Newest first, revoked and expired ones too.
    func tokens() async throws -> [APIToken]
    /// False if there is no such token.
    func revokeToken(_ id: UUID, now: Date) async throws -> Bool
    /// True for a token on record that was not revoked.
    func isGoodToken(_ id: UUID) async throws -> Bool
}
