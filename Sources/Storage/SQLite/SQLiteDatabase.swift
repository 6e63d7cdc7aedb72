import Foundation
internal import GRDB

/// SQLite in one file: a writer and a pool of readers (WAL). Every commit is synced to disk before the call returns.
/// Readers do not wait for writers.
package final class SQLiteDatabase: Database {
    private let pool: DatabasePool
    /// Connections for inline reads. Long reads do not delay them.
    private let inlineReader: SQLiteInlineReader
    private let lockTimeout = LockTimeout()
    /// Seconds to wait for a lock: short, because inline reads block a thread that others use.
    private static let inlineReadTimeout: TimeInterval = 0.1
    /// Seconds for which `requireSchema` waits for a lock.
    private static let lockTime: TimeInterval = 2

    /// Opens the file at `path`, or creates it unless `isReadOnly`. Its folder must exist. Throws `StorageError`.
    package init(path: String, isReadOnly: Bool = false) throws {
        var configuration = Configuration()
        configuration.readonly = isReadOnly
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .callback { [lockTimeout] in lockTimeout.goesOn(after: $0) }
        configuration.maximumReaderCount = 4
        pool = try SQLiteFailure.translated { [configuration] in
            let pool = try DatabasePool(path: path, configuration: configuration)
            // The pool selects NORMAL for WAL when it opens, which may lose the last commits in a power failure.
            // Redemptions touch scattered pages: the default cache of 2 MB is too small for a million coupons.
            if isReadOnly { return pool }
            try pool.writeWithoutTransaction {
                try $0.execute(sql: "PRAGMA synchronous = FULL")
                try $0.execute(sql: "PRAGMA cache_size = -32768")
            }
            return pool
        }
        configuration.readonly = true
        configuration.busyMode = .timeout(Self.inlineReadTimeout)
        inlineReader = SQLiteInlineReader { [configuration] in
            try DatabaseQueue(path: path, configuration: configuration)
        }
    }

    /// Checks that the file at `path` has the schema of this program. Does not change the file. Throws `StorageError`.
    package static func requireSchema(path: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(lockTime)
        let found = try SQLiteFailure.translated {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? queue.close() }
            return try queue.read { database in
                try database.tableExists("schema_migrations") ? Migrator.version(SQLiteConnection(database)) : 0
            }
        }
        let known = Schema.migrations.last?.version ?? 0
        switch found {
        case known: return
        case 0: throw StorageError.noSchema
        case ..<known: throw StorageError.olderSchema(found: found, known: known)
        default: throw StorageError.newerSchema(found: found, known: known)
        }
    }

    package func readInline<T: Sendable>(
        _ body: @Sendable @escaping (any SQLConnection) throws -> T
    ) async throws -> T {
        guard let result = try SQLiteFailure.translated({ try inlineReader.read(body) }) else {
            return try await read(body)
        }
        return result
    }

    package func read<T: Sendable>(
        _ body: @Sendable @escaping (any SQLConnection) throws -> T
    ) async throws -> T {
        try await SQLiteFailure.translated { try await self.pool.read { try body(SQLiteConnection($0)) } }
    }

    package func write<T: Sendable>(
        _ body: @Sendable @escaping (any SQLConnection) throws -> T
    ) async throws -> T {
        try await SQLiteFailure.translated {
            try await self.pool.write { [lockTimeout] in
                lockTimeout.end()
                return try body(SQLiteConnection($0))
            }
        }
    }

    /// Closes the database and leaves all data in its one file. Throws `StorageError.busy` if a reader of another
    /// process keeps the last writes in the `-wal` file beside it, which then is a part of the database.
    package func close() throws {
        try SQLiteFailure.translated {
            try inlineReader.close()
            let isWhole = try pool.writeWithoutTransaction { database in
                // The last connection would also do this when it closes, if it could write.
                try Row.fetchOne(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")?[0] == 0
            }
            try pool.close()
            if !isWhole { throw StorageError.busy }
        }
    }
}
