/// Runs SQL. A body is synchronous and runs on a thread of the driver, so a transaction never spans a suspension. Reads
/// run concurrently with a write. Errors of the engine are thrown as `StorageError`.
package protocol Database: Sendable {
    /// Runs `body` in a transaction that sees one state of the database. `body` must not write.
    func read<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T
    /// An inline read: as `read`, for a few rows that an index finds. Runs on the caller's thread if that costs less
    /// than changing threads.
    func readInline<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T
    /// Runs `body` in a transaction, one at a time, and commits it to disk before it returns. If `body` throws, undoes
    /// all of its writes and rethrows.
    func write<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T
    /// Waits for running calls; every later call throws.
    func close() throws
}

extension Database {
    package func readInline<T: Sendable>(
        _ body: @Sendable @escaping (any SQLConnection) throws -> T
    ) async throws -> T {
        try await read(body)
    }
}

/// A connection within a transaction. Valid only in the body that received it, and on its thread.
///
/// Statements number their arguments `?1`, `?2`, …; a driver translates these if its engine uses another notation.
package protocol SQLConnection {
    /// Returns all rows of a query.
    func rows(_ sql: String, _ arguments: [SQLValue]) throws -> [SQLRow]
    /// Runs a statement without a result. Returns the number of inserted, changed or deleted rows.
    @discardableResult
    func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int
}

extension SQLConnection {
    /// Returns the first row; nil if there is none.
    func row(_ sql: String, _ arguments: [SQLValue]) throws -> SQLRow? { try rows(sql, arguments).first }
}
