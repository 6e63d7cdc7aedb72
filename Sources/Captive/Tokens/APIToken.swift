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
