import Foundation
internal import GRDB

/// SQLite in one file: a writer and a pool of readers (WAL), every commit synced to disk before it is answered. Readers
/// wait for no writer.
package final class SQLiteDatabase: Database {
    private let pool: DatabasePool
    /// No long read keeps these waiting.
    private let glances: SQLiteGlances

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
        configuration.readonly = true
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
        try await SQLiteFailure.translated { try await self.pool.write { try body(SQLiteConnection($0)) } }
    }

    package func close() throws {
        try SQLiteFailure.translated {
            try glances.close()
            try pool.close()
        }
    }
}
