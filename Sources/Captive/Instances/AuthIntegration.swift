package import Foundation

/// A reusable configuration of an identity provider.
package struct AuthIntegration: Sendable, Equatable, Identifiable {
    package let id: UUID
    package let workspace: Workspace
    package var name: String
    package var provider: Provider
    package var clientID: String
    /// Never printed, returned or logged; sealed where it is kept.
    package var clientSecret: Secret
    /// The directory of an `azure` integration; nil for the others.
    package var tenant: String?
    package let createdAt: Date

    /// The identity providers that the portal speaks to.
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

/// Keeps integrations, their secrets sealed.
package protocol AuthIntegrationStore: Sendable {
    /// Newest first.
    func integrations(in workspace: Workspace, page: ListPage) async throws -> [AuthIntegration]
    /// Nil if the workspace has none with that id.
    func integration(_ id: UUID, in workspace: Workspace) async throws -> AuthIntegration?
    /// For the guest's side, which knows no workspace.
    func integration(_ id: UUID) async throws -> AuthIntegration?
    /// Adds one that is not there yet.
    func create(_ integration: AuthIntegration) async throws
    /// Reads, lets `change` alter and writes in one transaction. Throws `StoreError.notFound`.
    func updateIntegration(
        _ id: UUID, in workspace: Workspace, _ change: @Sendable @escaping (inout AuthIntegration) throws -> Void
    ) async throws -> AuthIntegration
    /// False if there was none. Throws `StoreError.conflict` while an instance uses it.
    func deleteIntegration(_ id: UUID, in workspace: Workspace) async throws -> Bool
}
