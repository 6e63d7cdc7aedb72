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
