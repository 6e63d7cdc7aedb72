import Captive
import Foundation
import Synchronization

/// Walled garden entries in memory. No site has an identity provider.
final class FakeGardens: WalledGardenStore {
    private let entries = Mutex<[UUID: [WalledGardenEntry]]>([:])

    func set(_ destinations: [WalledGardenRule.Destination], at siteID: UUID) {
        let made = destinations.map {
            WalledGardenEntry(id: UUID(), siteID: siteID, name: "x", destination: $0, kind: nil, createdAt: Date())
        }
        entries.withLock { $0[siteID] = made }
    }

    func gardenEntries(of siteID: UUID) async throws -> [WalledGardenEntry] { entries.withLock { $0[siteID] ?? [] } }
    func providers(at siteID: UUID) async throws -> Set<AuthIntegration.Provider> { [] }

    func gardenEntries(of siteID: UUID, page: ListPage) async throws -> [WalledGardenEntry] {
        try await gardenEntries(of: siteID)
    }
    func gardenEntry(_ id: UUID, of siteID: UUID) async throws -> WalledGardenEntry? {
        try await gardenEntries(of: siteID).first { $0.id == id }
    }
    func create(_ entry: WalledGardenEntry) async throws {
        entries.withLock { $0[entry.siteID, default: []].append(entry) }
    }
    func updateGardenEntry(
        _ id: UUID, of siteID: UUID, _ change: @Sendable @escaping (inout WalledGardenEntry) throws -> Void
    ) async throws -> WalledGardenEntry { throw StoreError.notFound }
    func deleteGardenEntry(_ id: UUID, of siteID: UUID) async throws -> Bool { false }
}
