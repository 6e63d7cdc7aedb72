package import Foundation

/// A reusable configuration of an identity provider.
package struct AuthIntegration: Sendable, Equatable, Identifiable {
    package let id: UUID
    package let workspace: Workspace
    package var name: String
    package var provider: Provider
    package var clientID: String
    /// Never printed, returned or logged. Stored sealed.
    package var clientSecret: Secret
    /// The directory of an `azure` integration; nil for the others.
    package var tenant: String?
    package let createdAt: Date

    /// The supported identity providers.
    package enum Provider: String, Sendable, CaseIterable {
        case azure, github, google
    }

    package init(
        id: UUID, workspace: Workspace, name: String, provider: Provider, clientID: String, clientSecret: Secret,
        tenant: String?, createdAt: Date
    ) {
        self.id = id
        self.workspace = workspace
        self.name = name
        self.provider = provider
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.tenant = tenant
        self.createdAt = createdAt
    }
}

/// Stores integrations, with sealed secrets.
package protocol AuthIntegrationStore: Sendable {
    /// Newest first.
    func integrations(in workspace: Workspace, page: ListPage) async throws -> [AuthIntegration]
    /// Returns nil if the workspace has no such integration.
    func integration(_ id: UUID, in workspace: Workspace) async throws -> AuthIntegration?
    /// For guest pages, which are not restricted to a workspace.
    func integration(_ id: UUID) async throws -> AuthIntegration?
    /// Adds a new integration.
    func create(_ integration: AuthIntegration) async throws
    /// Applies `change` in one transaction and returns the result. Throws `StoreError.notFound`.
    func updateIntegration(
        _ id: UUID, in workspace: Workspace, _ change: @Sendable @escaping (inout AuthIntegration) throws -> Void
    ) async throws -> AuthIntegration
    /// Returns false if there was none. Throws `StoreError.conflict` while an instance uses it.
    func deleteIntegration(_ id: UUID, in workspace: Workspace) async throws -> Bool
}
