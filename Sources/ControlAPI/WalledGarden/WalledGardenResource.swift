import Captive
import Foundation
import HTTPServer

/// `/walled-garden/{siteId}`: what guests of a site reach before they are let through.
struct WalledGardenResource {
    let store: any SiteStore & WalledGardenStore
    let keeper: any WalledGardenReconciler
    let gateways: any GatewayDirectory
    let clock: WallClock

    var section: Section {
        let (path, item) = ("/walled-garden/{siteId}", "/walled-garden/{siteId}/{walledGardenEntryId}")
        let older = [path, "/sites/{siteId}/walled-garden-entries"]
        let olderItems = older.map { $0 + "/{walledGardenEntryId}" }
        let shape = WalledGardenEntry.shape
        return Section(
            "Walled garden", "What guests of a site reach before they are let through.",
            [
                .list(path, older: older, "listWalledGardenEntries", "Lists the entries of a site.", shape) {
                    try await store.gardenEntries(of: site(of: $0).id, page: $1)
                },
                .post(
                    path, older: older, "createWalledGardenEntry", "Makes an entry; the router has it within seconds.",
                    WalledGardenChanges.input(isNew: true), .one(shape), errors: [.conflict], create),
                .get(item, older: olderItems, "readWalledGardenEntry", "Reads an entry.", .one(shape), read),
                .put(
                    item, older: olderItems, "updateWalledGardenEntry", "Changes what the body names of an entry.",
                    WalledGardenChanges.input(isNew: false), .one(shape), errors: [.conflict], update),
                .delete(item, older: olderItems, "deleteWalledGardenEntry", "Deletes an entry.", delete),
                .get(
                    "/sites/{siteId}/walled-garden", older: [], "readWalledGardenState",
                    "Compares what the site's router should hold with what it holds now.",
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
