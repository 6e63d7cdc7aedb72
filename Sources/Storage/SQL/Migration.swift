import Foundation

/// One step of the schema. It is applied in one transaction with the record of its application.
struct Migration: Sendable {
    let version: Int
    /// A description of the step for the operator.
    let name: String
    let statements: [String]
}

/// The result of `Store.migrate`.
package struct MigrationReport: Sendable, Equatable {
    /// The schema's version before the migration; 0 for an empty database.
    package var from: Int
    package var to: Int
    /// The names of the applied steps, in order; empty if the schema was up to date.
    package var applied: [String]
}

/// Brings a database to the newest schema, with one transaction per step. After an interruption, the next call
/// continues.
struct Migrator {
    let database: any Database
    let migrations: [Migration]

    /// Throws `StorageError.newerSchema` for a database of a newer program, and does not change it.
    func migrate(now: Date) async throws -> MigrationReport {
        let from = try await database.write { connection in
            try connection.execute(Self.createTable, [])
            return try Self.version(connection)
        }
        let known = migrations.last?.version ?? 0
        guard from <= known else { throw StorageError.newerSchema(found: from, known: known) }
        var applied: [String] = []
        for migration in migrations where migration.version > from {
            if try await apply(migration, now: now) { applied.append(migration.name) }
        }
        return MigrationReport(from: from, to: known, applied: applied)
    }

    /// Returns false if another process has applied the step first.
    private func apply(_ migration: Migration, now: Date) async throws -> Bool {
        try await database.write { connection in
            guard try Self.version(connection) < migration.version else { return false }
            for statement in migration.statements { try connection.execute(statement, []) }
            try connection.execute(
                "INSERT INTO schema_migrations (version, applied_at) VALUES (?1, ?2)",
                [.integer(migration.version), .date(now)])
            return true
        }
    }

    static func version(_ connection: any SQLConnection) throws -> Int {
        guard let row = try connection.row("SELECT COALESCE(MAX(version), 0) FROM schema_migrations", []) else {
            return 0
        }
        var reader = RowReader(row)
        return try reader.integer()
    }

    private static let createTable =
        "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT PRIMARY KEY NOT NULL, applied_at BIGINT NOT NULL)"
}
