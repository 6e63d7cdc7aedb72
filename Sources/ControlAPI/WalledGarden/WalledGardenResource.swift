import Captive
import Foundation
import HTTPServer
import Storage

/// `/walled-garden/{siteId}`: hosts that devices may reach without a session.
struct WalledGardenResource {
    let store: Store
    let keeper: any WalledGardenReconciler
    let gateways: any GatewayDirectory
    let clock: WallClock

    var section: Section {
        let (path, item) = ("/walled-garden/{siteId}", "/walled-garden/{siteId}/{walledGardenEntryId}")
        let legacy = [path, "/sites/{siteId}/walled-garden-entries"]
        let legacyItems = legacy.map { $0 + "/{walledGardenEntryId}" }
        let shape = WalledGardenEntry.shape
        return Section(
            "Walled garden", "Hosts that devices at a site may reach without a session.",
            [
                .list(path, legacy: legacy, "listWalledGardenEntries", "List walled garden entries", shape) {
                    try await store.gardenEntries(of: site(of: $0).id, page: $1)
                },
                .post(
                    path, legacy: legacy, "createWalledGardenEntry",
                    "Create a walled garden entry; the router is updated within seconds",
                    WalledGardenChanges.input(isNew: true), .one(shape), errors: [.conflict], create),
                .get(
                    item, legacy: legacyItems, "readWalledGardenEntry", "Get a walled garden entry", .one(shape), read),
                .put(
                    item, legacy: legacyItems, "updateWalledGardenEntry",
                    "Update a walled garden entry; omitted fields keep their values",
                    WalledGardenChanges.input(isNew: false), .one(shape), errors: [.conflict], update),
                .delete(item, legacy: legacyItems, "deleteWalledGardenEntry", "Delete a walled garden entry", delete),
                .get(
                    "/sites/{siteId}/walled-garden", legacy: [], "readWalledGardenState",
                    "Compare the walled garden of the router with its desired state",
                    .one(WalledGardenState.shape), state),
            ])
    }

    @Sendable private func create(_ call: Call, _ changes: WalledGardenChanges) async throws -> WalledGardenEntry {
        guard let name = changes.name, let destination = changes.destination else { throw APIError.missing("name") }
        var entry = WalledGardenEntry(
            id: UUID(), siteID: try await site(of: call).id, name: name, destination: destination, kind: nil,
            createdAt: clock())
        try changes.apply(to: &entry)
        try await store.create(entry)
        return entry
    }

    @Sendable private func read(_ call: Call) async throws -> WalledGardenEntry {
        let id = try call.id("walledGardenEntryId")
        guard let entry = try await store.gardenEntry(id, of: site(of: call).id) else {
            throw APIError.notFound("walled garden entry")
        }
        return entry
    }

    @Sendable private func update(_ call: Call, _ changes: WalledGardenChanges) async throws -> WalledGardenEntry {
        let entry = try await read(call)
        return try await store.updateGardenEntry(entry.id, of: entry.siteID) { try changes.apply(to: &$0) }
    }

    @Sendable private func delete(_ call: Call) async throws {
        let id = try call.id("walledGardenEntryId")
        guard try await store.deleteGardenEntry(id, of: site(of: call).id) else {
            throw APIError.notFound("walled garden entry")
        }
    }

    @Sendable private func state(_ call: Call) async throws -> WalledGardenState {
        let site = try await site(of: call)
        let garden = try await keeper.garden(of: site.id)
        let record = keeper.status(of: site.id)
        guard let driver = site.router?.driver, driver != .none else {
            return WalledGardenState(garden, record, .unguarded)
        }
        do {
            guard let gateway = try await gateways.gateway(for: site.id) else {
                return WalledGardenState(garden, record, .unguarded)
            }
            return WalledGardenState(garden, record, .held(Set(try await gateway.walledGarden())))
        } catch let problem as GatewayError {
            return WalledGardenState(garden, record, .failing(problem))
        }
    }

    private func site(of call: Call) async throws -> Site {
        guard let site = try await store.site(call.id("siteId"), in: call.workspace) else {
            throw APIError.notFound("site")
        }
        return site
    }
}
