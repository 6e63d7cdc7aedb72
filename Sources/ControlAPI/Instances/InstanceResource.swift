import Captive
import Foundation
import HTTPServer
import Storage

/// `/instances`.
struct InstanceResource {
    let store: Store
    let urls: PortalURLs
    let clock: WallClock

    var section: Section {
        let (path, item, shape) = ("/instances", "/instances/{instanceId}", Shape.instance(urls))
        return Section(
            "Instances", "Captive portals: sign-in strategy, session length, theme and sites.",
            [
                .list(path, "listInstances", "List instances", shape) {
                    try await store.instances(in: $0.workspace, page: $1)
                },
                .post(
                    path, "createInstance", "Create an instance", InstanceChanges.input(isNew: true, shape: shape),
                    .one(shape), errors: [.conflict], create),
                .get(item, "readInstance", "Get an instance", .one(shape), read),
                .put(
                    item, "updateInstance", "Update an instance; omitted fields keep their values",
                    InstanceChanges.input(isNew: false, shape: shape), .one(shape), errors: [.conflict], update),
                .delete(item, "deleteInstance", "Delete an instance and its coupons", delete),
            ])
    }

    @Sendable private func create(_ call: Call, _ changes: InstanceChanges) async throws -> Instance {
        guard let name = changes.name, let strategy = changes.strategy, let ttl = changes.sessionTTL else {
            throw APIError.missing("name")
        }
        var instance = Instance(
            id: UUID(), workspace: call.workspace, name: name, strategy: strategy, sessionTTL: ttl, createdAt: clock())
        try changes.apply(to: &instance)
        try await checkIntegration(changes, call.workspace)
        try await store.create(instance)
        return instance
    }

    @Sendable private func read(_ call: Call) async throws -> Instance {
        guard let instance = try await store.instance(call.id("instanceId"), in: call.workspace) else {
            throw APIError.notFound("instance")
        }
        return instance
    }

    @Sendable private func update(_ call: Call, _ changes: InstanceChanges) async throws -> Instance {
        let id = try call.id("instanceId")
        try await checkIntegration(changes, call.workspace)
        return try await store.update(id, in: call.workspace) { try changes.apply(to: &$0) }
    }

    @Sendable private func delete(_ call: Call) async throws {
        guard try await store.deleteInstance(call.id("instanceId"), in: call.workspace) else {
            throw APIError.notFound("instance")
        }
    }

    private func checkIntegration(_ changes: InstanceChanges, _ workspace: Workspace) async throws {
        guard let id = changes.integrationID ?? nil else { return }
        guard try await store.integration(id, in: workspace) != nil else {
            throw APIError.invalid("auth_integration_id", "the ID of an existing auth integration")
        }
    }
}
