/// A place that runs SQL. A body is synchronous and runs on a thread of the driver's, so a transaction never spans a
/// suspension; it may run while others read. Errors of the engine are thrown as `StorageError`.
package protocol Database: Sendable {
    /// Runs `body` in a transaction that sees one state of the database. `body` must not write.
    func read<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T
    /// As `read`, for a few rows that an index finds: where it costs less than to change threads, it is done on the
    /// caller's.
    func glance<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T
    /// Runs `body` in a transaction, one at a time, and commits it to disk before it returns. An error thrown by `body`
    /// rolls everything back and is thrown on.
    func write<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T
    /// Waits for what is running; every later call throws.
    func close() throws
}

extension Database {
    package func glance<T: Sendable>(
        _ body: @Sendable @escaping (any SQLConnection) throws -> T
    ) async throws -> T {
        try await read(body)
    }
}

/// The inside of a transaction. Belongs to the body it was given to, and to its thread.
///
/// Statements name their arguments `?1`, `?2`, …; a driver translates these where its engine writes them differently.
package protocol SQLConnection {
    /// All rows of a query.
    func rows(_ sql: String, _ arguments: [SQLValue]) throws -> [SQLRow]
    /// Runs a statement that returns nothing; the number of rows it inserted, changed or deleted.
    @discardableResult
    func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int
}

extension SQLConnection {
    /// The first row, nil if there is none.
    func row(_ sql: String, _ arguments: [SQLValue]) throws -> SQLRow? { try rows(sql, arguments).first }
}
