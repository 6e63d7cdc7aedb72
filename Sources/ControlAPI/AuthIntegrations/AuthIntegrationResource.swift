import Captive
import Foundation
import HTTPServer
import Storage

/// `/auth-integrations`.
struct AuthIntegrationResource {
    let store: Store
    let urls: PortalURLs
    let clock: WallClock

    var section: Section {
        let (path, item) = ("/auth-integrations", "/auth-integrations/{authIntegrationId}")
        let shape = shape
        return Section(
            "Auth integrations", "Identity providers for instances that use the `oauth2` strategy.",
            [
                .list(path, "listAuthIntegrations", "List auth integrations", shape) {
                    try await store.integrations(in: $0.workspace, page: $1)
                },
                .post(
                    path, "createAuthIntegration", "Create an auth integration",
                    AuthIntegrationSettings.input(isNew: true, shape: shape), .one(shape), create),
                .get(item, "readAuthIntegration", "Get an auth integration", .one(shape), read),
                .put(
                    item, "updateAuthIntegration", "Update an auth integration",
                    AuthIntegrationSettings.input(isNew: false, shape: shape), .one(shape), update),
                .delete(
                    item, "deleteAuthIntegration", "Delete an auth integration that no instance uses",
                    errors: [.conflict], delete),
            ])
    }

    @Sendable private func create(_ call: Call, _ settings: AuthIntegrationSettings) async throws -> AuthIntegration {
        let integration = try settings.integration(UUID(), in: call.workspace, createdAt: clock())
        try await store.create(integration)
        return integration
    }

    @Sendable private func read(_ call: Call) async throws -> AuthIntegration {
        let id = try call.id("authIntegrationId")
        guard let integration = try await store.integration(id, in: call.workspace) else {
            throw APIError.notFound("auth integration")
        }
        return integration
    }

    @Sendable private func update(_ call: Call, _ settings: AuthIntegrationSettings) async throws -> AuthIntegration {
        try await store.updateIntegration(call.id("authIntegrationId"), in: call.workspace) {
            try settings.apply(to: &$0)
        }
    }

    @Sendable private func delete(_ call: Call) async throws {
        guard try await store.deleteIntegration(call.id("authIntegrationId"), in: call.workspace) else {
            throw APIError.notFound("auth integration")
        }
    }

    /// Does not contain the client secret.
    private var shape: Shape<AuthIntegration> {
        let urls = urls
        return Shape(
            "AuthIntegration",
            [
                .init("id", "The integration's ID.") { $0.id },
                .init("name", "The name, shown to admins only.") { $0.name },
                .init("type", "The identity provider.") { $0.provider },
                .init("config", "The portal's registration at the provider.") { Config(integration: $0) },
                .init(
                    "test_url", "Signed URL of a page that runs the sign-in without a router; valid for 24 hours.",
                    schema: .uri
                ) {
                    urls.test(of: $0.id)
                },
                .init("created_at", "When the integration was created.") { $0.createdAt },
            ])
    }

    private struct Config: Shaped {
        let integration: AuthIntegration

        static let shape = Shape<Config>(
            "AuthIntegrationConfig",
            [
                .init("client_id", "The client ID that the provider assigned to the portal.") {
                    $0.integration.clientID
                },
                .init(
                    "tenant",
                    "For `azure`: the directory, or `common`, `organizations` or `consumers`. For `google`: the only "
                        + "Workspace domain whose users may sign in, or null."
                ) { $0.integration.tenant },
            ])
    }
}

extension AuthIntegration: Pageable {}
extension AuthIntegration.Provider: JSONRepresentable {}
