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

    /// Creates new sites as needed. Throws `StoreError.conflict` if a subnet overlaps that of another instance at the
    /// same site, or if a site belongs to another workspace.
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

/// Statements on `garden_entries`, and statements that find the sites whose walled gardens a change affects.
enum WalledGardenSQL {
    private static let columns = "id, site_id, name, destination, kind, created_at"

    static let page = """
        SELECT \(columns) FROM garden_entries WHERE site_id = ?1 AND (created_at, id) < (?2, ?3)
        ORDER BY created_at DESC, id DESC LIMIT ?4
        """
    static let one = "SELECT \(columns) FROM garden_entries WHERE id = ?1 AND site_id = ?2"
    static let holder = "SELECT id FROM garden_entries WHERE site_id = ?1 AND destination = ?2"
    static let count = "SELECT COUNT(*) FROM garden_entries WHERE site_id = ?1"
    static let insert = "INSERT INTO garden_entries (\(columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
    /// Arguments as `insert`; does not change site and creation time.
    static let update = """
        UPDATE garden_entries SET name = ?3, destination = ?4, kind = ?5
        WHERE id = ?1 AND site_id = ?2 AND created_at = ?6
        """
    static let delete = "DELETE FROM garden_entries WHERE id = ?1 AND site_id = ?2"

    static let providers = """
        SELECT g.provider FROM claims c JOIN instances i ON i.id = c.instance_id
            JOIN integrations g ON g.id = i.integration_id
        WHERE c.site_id = ?1
        """
    static let sitesOfIntegration = """
        SELECT c.site_id FROM instances i JOIN claims c ON c.instance_id = i.id WHERE i.integration_id = ?1
        """
}
