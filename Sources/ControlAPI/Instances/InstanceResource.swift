import Captive
import Foundation
import HTTPServer

/// `/instances`.
struct InstanceResource {
    let store: any InstanceStore
    let integrations: any AuthIntegrationStore
    let links: Links
    let clock: WallClock

    var endpoints: [Endpoint] {
        [
            Endpoint(.get, "/instances", list), Endpoint(.post, "/instances", create),
            Endpoint(.get, "/instances/{id}", read), Endpoint(.put, "/instances/{id}", update),
            Endpoint(.delete, "/instances/{id}", delete),
        ]
    }

    @Sendable private func list(_ call: Call) async throws -> Response {
        try await ListRequest(call.request, publicURL: links.publicURL).response(
            { .init(createdAt: $0.createdAt, id: $0.id) }, json
        ) { try await store.instances(in: call.workspace, page: $0) }
    }

    @Sendable private func create(_ call: Call) async throws -> Response {
        var fields = try call.request.fields()
        let changes = InstanceChanges(from: &fields, isNew: true)
        try fields.finish()
        guard let name = changes.name, let strategy = changes.strategy, let ttl = changes.sessionTTL else {
            throw APIError.missing("name")
        }
        var instance = Instance(
            id: UUID(), workspace: call.workspace, name: name, strategy: strategy, sessionTTL: ttl, createdAt: clock())
        try changes.apply(to: &instance)
        try await checkIntegration(changes, call.workspace)
        try await store.create(instance)
        return .json(.created, json(instance))
    }

    @Sendable private func read(_ call: Call) async throws -> Response {
        guard let instance = try await store.instance(call.id("instance"), in: call.workspace) else {
            throw APIError.notFound("instance")
        }
        return .json(.ok, json(instance))
    }

    @Sendable private func update(_ call: Call) async throws -> Response {
        let id = try call.id("instance")
        var fields = try call.request.fields()
        let changes = InstanceChanges(from: &fields, isNew: false)
        try fields.finish()
        try await checkIntegration(changes, call.workspace)
        let instance = try await store.update(id, in: call.workspace) { try changes.apply(to: &$0) }
        return .json(.accepted, json(instance))
    }

    @Sendable private func delete(_ call: Call) async throws -> Response {
        let id = try call.id("instance")
        guard try await store.deleteInstance(id, in: call.workspace) else {
            throw APIError.notFound("instance")
        }
        return Response(.noContent)
    }

    private func checkIntegration(_ changes: InstanceChanges, _ workspace: Workspace) async throws {
        guard let id = changes.integrationID ?? nil else { return }
        guard try await integrations.integration(id, in: workspace) != nil else {
            throw APIError.invalid("auth_integration_id", "the ID of an existing auth integration")
        }
    }

    @Sendable private func json(_ instance: Instance) -> JSONValue {
        instance.json(previewURL: links.preview(of: instance.id))
    }
}
