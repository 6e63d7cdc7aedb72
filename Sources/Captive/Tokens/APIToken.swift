package import Foundation

/// The record of an issued API token. The token itself is not stored.
package struct APIToken: Sendable, Equatable, Identifiable {
    /// The token's `jti`.
    package let id: UUID
    package let workspace: Workspace
    package let scopes: Set<Scope>
    package let createdAt: Date
    package let expiresAt: Date
    package var revokedAt: Date?

    /// The permissions of a token.
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

/// Stores the records of issued tokens.
package protocol APITokenStore: Sendable {
    /// Adds the record of a new token.
    func record(_ token: APIToken) async throws
    /// Newest first, including revoked and expired tokens.
    func tokens() async throws -> [APIToken]
    /// Returns false if there is no such token.
    func revokeToken(_ id: UUID, now: Date) async throws -> Bool
    /// Whether the token is recorded and not revoked.
    func isGoodToken(_ id: UUID) async throws -> Bool
}
