import Captive
import Foundation
import HTTPServer

/// `/auth-integrations`.
struct AuthIntegrationResource {
    let store: any AuthIntegrationStore
    let links: Links
    let clock: WallClock

    private static let kind = "auth integration"

    var endpoints: [Endpoint] {
        [
            Endpoint(.get, "/auth-integrations", list), Endpoint(.post, "/auth-integrations", create),
            Endpoint(.get, "/auth-integrations/{id}", read), Endpoint(.put, "/auth-integrations/{id}", update),
            Endpoint(.delete, "/auth-integrations/{id}", delete),
        ]
    }

    @Sendable private func list(_ call: Call) async throws -> Response {
        try await ListRequest(call.request, publicURL: links.publicURL).response(
            { .init(createdAt: $0.createdAt, id: $0.id) }, json
        ) { try await store.integrations(in: call.workspace, page: $0) }
    }

    @Sendable private func create(_ call: Call) async throws -> Response {
        var fields = try call.request.fields()
        let settings = AuthIntegrationSettings(from: &fields, isNew: true)
        try fields.finish()
        let integration = try settings.integration(UUID(), in: call.workspace, createdAt: clock())
        try await store.create(integration)
        return .json(.created, json(integration))
    }

    @Sendable private func read(_ call: Call) async throws -> Response {
        guard let integration = try await store.integration(call.id(Self.kind), in: call.workspace) else {
            throw APIError.notFound(Self.kind)
        }
        return .json(.ok, json(integration))
    }

    @Sendable private func update(_ call: Call) async throws -> Response {
        let id = try call.id(Self.kind)
        var fields = try call.request.fields()
        let settings = AuthIntegrationSettings(from: &fields, isNew: false)
        try fields.finish()
        let integration = try await store.updateIntegration(id, in: call.workspace) { try settings.apply(to: &$0) }
        return .json(.accepted, json(integration))
    }

    @Sendable private func delete(_ call: Call) async throws -> Response {
        let id = try call.id(Self.kind)
        guard try await store.deleteIntegration(id, in: call.workspace) else { throw APIError.notFound(Self.kind) }
        return Response(.noContent)
    }

    /// The client secret is not among what is printed.
    @Sendable private func json(_ integration: AuthIntegration) -> JSONValue {
        [
            "id": .string(integration.id.text), "name": .string(integration.name),
            "type": .string(integration.provider.rawValue),
            "config": ["client_id": .string(integration.clientID), "tenant": JSONValue(integration.tenant)],
            "test_url": .string(links.test(of: integration.id)), "created_at": JSONValue(integration.createdAt),
        ]
    }
}
