import Foundation
internal import GRDB

/// SQLite in one file: a writer and a pool of readers (WAL), every commit synced to disk before it is answered.
package final class SQLiteDatabase: Database {
    private let pool: DatabasePool

    /// Opens or creates the file at `path`; its folder must exist. Throws `StorageError`.
    package init(path: String) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(5)
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
    }

    package func read<T: Sendable>(
        _ body: @Sendable @escaping (any SQLConnection) throws -> T
    ) async throws -> T {
        try await SQLiteFailure.translated { try await self.pool.read { try body(SQLiteConnection($0)) } }
    }

    package func write<T: Sendable>(
        _ body: @Sendable @escaping (any SQLConnection) throws -> T
    ) async throws -> T {
        try await SQLiteFailure.translated { try await self.pool.write { try body(SQLiteConnection($0)) } }
    }

    package func close() throws { try SQLiteFailure.translated { try pool.close() } }
}
