package import Captive
package import Foundation

extension Store: WalledGardenStore {
    package func gardenEntries(of siteID: UUID, page: ListPage) async throws -> [WalledGardenEntry] {
        try await database.read { try Self.gardenEntries(of: siteID, page, $0) }
    }

    package func gardenEntries(of siteID: UUID) async throws -> [WalledGardenEntry] {
        try await gardenEntries(of: siteID, page: ListPage(limit: WalledGardenEntry.mostOfSite))
    }

    package func gardenEntry(_ id: UUID, of siteID: UUID) async throws -> WalledGardenEntry? {
        try await database.read { try Self.gardenEntry(id, of: siteID, $0) }
    }

    package func providers(at siteID: UUID) async throws -> Set<AuthIntegration.Provider> {
        try await database.read { connection in
            try Set(
                connection.rows(WalledGardenSQL.providers, [.id(siteID)]).map { row in
                    var reader = RowReader(row)
                    return try reader.word()
                })
        }
    }

    package func create(_ entry: WalledGardenEntry) async throws {
        try await database.write { connection in
            guard try connection.row(SiteSQL.owner, [.id(entry.siteID)]) != nil else { throw StoreError.notFound }
            try Self.checkRoom(at: entry.siteID, connection)
            try Self.checkIsAlone(entry, connection)
            try connection.execute(WalledGardenSQL.insert, Self.arguments(entry))
        }
        onChange(.garden([entry.siteID]))
    }

    package func updateGardenEntry(
        _ id: UUID, of siteID: UUID, _ change: @Sendable @escaping (inout WalledGardenEntry) throws -> Void
    ) async throws -> WalledGardenEntry {
        let changed = try await database.write { connection in
            guard var entry = try Self.gardenEntry(id, of: siteID, connection) else { throw StoreError.notFound }
            try change(&entry)
            try Self.checkIsAlone(entry, connection)
            try connection.execute(WalledGardenSQL.update, Self.arguments(entry))
            return entry
        }
        onChange(.garden([siteID]))
        return changed
    }

    package func deleteGardenEntry(_ id: UUID, of siteID: UUID) async throws -> Bool {
        let deleted = try await database.write {
            try $0.execute(WalledGardenSQL.delete, [.id(id), .id(siteID)]) == 1
        }
        if deleted { onChange(.garden([siteID])) }
        return deleted
    }

    private static func checkRoom(at siteID: UUID, _ connection: any SQLConnection) throws {
        let most = WalledGardenEntry.mostOfSite
        guard try connection.row(WalledGardenSQL.count, [.id(siteID)])?.values != [.integer(most)] else {
            throw StoreError.conflict("The site's walled garden has \(most) entries, and can have no more.")
        }
    }

    private static func checkIsAlone(_ entry: WalledGardenEntry, _ connection: any SQLConnection) throws {
        let destination = entry.destination.text
        let holder = try connection.row(WalledGardenSQL.holder, [.id(entry.siteID), .text(destination)])
        guard holder == nil || holder?.values == [.id(entry.id)] else {
            throw StoreError.conflict("The site's walled garden has an entry for \(destination) already.")
        }
    }

    private static func gardenEntries(
        of siteID: UUID, _ page: ListPage, _ connection: any SQLConnection
    ) throws -> [WalledGardenEntry] {
        try connection.rows(WalledGardenSQL.page, [.id(siteID)] + page.arguments).map(gardenEntry)
    }

    private static func gardenEntry(
        _ id: UUID, of siteID: UUID, _ connection: any SQLConnection
    ) throws -> WalledGardenEntry? {
        try connection.row(WalledGardenSQL.one, [.id(id), .id(siteID)]).map(gardenEntry)
    }

    private static func gardenEntry(_ row: SQLRow) throws -> WalledGardenEntry {
        var reader = RowReader(row)
        return WalledGardenEntry(
            id: try reader.id(), siteID: try reader.id(), name: try reader.text(),
            destination: try .init(text: try reader.text()) ?? reader.damaged("walled garden entry"),
            kind: try reader.optional { try $0.word() }, createdAt: try reader.date())
    }

    private static func arguments(_ entry: WalledGardenEntry) -> [SQLValue] {
        [
            .id(entry.id), .id(entry.siteID), .text(entry.name), .text(entry.destination.text),
            .text(entry.kind?.rawValue), .date(entry.createdAt),
        ]
    }
}
