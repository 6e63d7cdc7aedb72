import Captive
import Foundation
import Testing

@testable import Storage

@Suite struct MigrationTests {
    private let steps = [
        Migration(version: 1, name: "one", statements: ["CREATE TABLE one (id BIGINT)"]),
        Migration(version: 2, name: "two", statements: ["CREATE TABLE two (id BIGINT)"]),
    ]

    @Test(arguments: StorageBackend.all)
    func `an empty database gets every step, a second run none`(backend: StorageBackend) async throws {
        let (database, folder) = try backend.make()
        defer { withExtendedLifetime(folder) {} }
        let migrator = Migrator(database: database, migrations: steps)
        #expect(
            try await migrator.migrate(now: Venue.now) == MigrationReport(from: 0, to: 2, applied: ["one", "two"]))
        #expect(try await migrator.migrate(now: Venue.now) == MigrationReport(from: 2, to: 2, applied: []))
    }

    @Test(arguments: StorageBackend.all)
    func `a step that fails writes nothing and is tried again`(backend: StorageBackend) async throws {
        let (database, folder) = try backend.make()
        defer { withExtendedLifetime(folder) {} }
        let broken = Migration(
            version: 2, name: "two", statements: steps[1].statements + ["CREATE TABLE one (id BIGINT)"])
        await #expect(throws: StorageError.self) {
            try await Migrator(database: database, migrations: [steps[0], broken]).migrate(now: Venue.now)
        }
        let report = try await Migrator(database: database, migrations: steps).migrate(now: Venue.now)
        #expect(report == MigrationReport(from: 1, to: 2, applied: ["two"]))
    }

    @Test(arguments: StorageBackend.all)
    func `a newer program's database is refused`(backend: StorageBackend) async throws {
        let (database, folder) = try backend.make()
        defer { withExtendedLifetime(folder) {} }
        _ = try await Migrator(database: database, migrations: steps).migrate(now: Venue.now)
        await #expect(throws: StorageError.newerSchema(found: 2, known: 1)) {
            try await Migrator(database: database, migrations: [steps[0]]).migrate(now: Venue.now)
        }
    }

    private func version(_ number: Int, in path: String) async throws {
        _ = try await SQLiteDatabase(path: path).write {
            try $0.execute("DELETE FROM schema_migrations", [])
            try $0.execute("INSERT INTO schema_migrations VALUES (?1, 0)", [.integer(number)])
        }
    }

    @Test func `the schema of a file is checked without changing the file`() async throws {
        let folder = try TemporaryFolder()
        let file = URL(filePath: folder.database)
        try Data().write(to: file)
        #expect(throws: StorageError.noSchema) { try SQLiteDatabase.requireSchema(path: folder.database) }
        #expect(try Data(contentsOf: file).isEmpty)

        let known = try #require(Schema.migrations.last?.version)
        let database = try SQLiteDatabase(path: folder.database)
        _ = try await Migrator(database: database, migrations: Schema.migrations).migrate(now: Venue.now)
        try SQLiteDatabase.requireSchema(path: folder.database)
        try await version(known - 1, in: folder.database)
        #expect(throws: StorageError.olderSchema(found: known - 1, known: known)) {
            try SQLiteDatabase.requireSchema(path: folder.database)
        }
        try await version(known + 1, in: folder.database)
        #expect(throws: StorageError.newerSchema(found: known + 1, known: known)) {
            try SQLiteDatabase.requireSchema(path: folder.database)
        }
    }

    @Test func `a read-only database is read and refuses writes`() async throws {
        let folder = try TemporaryFolder()
        let database = try SQLiteDatabase(path: folder.database)
        _ = try await Migrator(database: database, migrations: steps).migrate(now: Venue.now)
        let reader = try SQLiteDatabase(path: folder.database, isReadOnly: true)
        #expect(try await reader.read { try $0.rows("SELECT id FROM one", []) }.isEmpty)
        #expect(try await reader.readInline { try $0.rows("SELECT id FROM one", []) }.isEmpty)
        await #expect(throws: StorageError.readOnly) {
            try await reader.write { try $0.execute("INSERT INTO one VALUES (1)", []) }
        }
    }

    @Test func `versions increase, so that no step is skipped`() {
        let versions = Schema.migrations.map(\.version)
        #expect(versions == Set(versions).sorted())
    }
}
