import Foundation
internal import GRDB

/// SQLite in one file: a writer and a pool of readers (WAL), every commit synced to disk before it is answered. Readers
/// wait for no writer.
package final class SQLiteDatabase: Database {
    private let pool: DatabasePool
    /// No long read keeps these waiting.
    private let glances: SQLiteGlances
    private let patience = LockPatience()
    /// Glances run where others wait for the thread.
    private static let glancePatience: TimeInterval = 0.1

    /// Opens or creates the file at `path`; its folder must exist. Throws `StorageError`.
    package init(path: String) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .callback { [patience] in patience.goesOn(after: $0) }
        configuration.maximumReaderCount = 4
        pool = try SQLiteFailure.translated { [configuration] in
            let pool = try DatabasePool(path: path, configuration: configuration)
            // The pool chooses NORMAL for WAL when it opens, which may lose the last commits with the power.
            // Redemptions touch scattered pages: the default cache of 2 MB holds too few of a million coupons.
            try pool.writeWithoutTransaction {
                try $0.execute(sql: "PRAGMA synchronous = FULL")
                try $0.execute(sql: "PRAGMA cache_size = -32768")
            }
            return pool
        }
        configuration.readonly = true
        configuration.busyMode = .timeout(Self.glancePatience)
        glances = SQLiteGlances { [configuration] in try DatabaseQueue(path: path, configuration: configuration) }
    }

    package func glance<T: Sendable>(
        _ body: @Sendable @escaping (any SQLConnection) throws -> T
    ) async throws -> T {
        guard let result = try SQLiteFailure.translated({ try glances.read(body) }) else {
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
            try await self.pool.write { [patience] in
                patience.end()
                return try body(SQLiteConnection($0))
            }
        }
    }

    /// Leaves the whole database in its one file. Throws `StorageError.busy` if a reader of another process keeps what
    /// was written last in the `-wal` file beside it, which then belongs to the database.
    package func close() throws {
        try SQLiteFailure.translated {
            try glances.close()
            let isWhole = try pool.writeWithoutTransaction { database in
                // The last connection would do so too when it closes, if it could write.
                try Row.fetchOne(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")?[0] == 0
            }
            try pool.close()
            if !isWhole { throw StorageError.busy }
        }
    }
}
