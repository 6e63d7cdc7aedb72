import Synchronization

/// A row that is written with the first change of a piece of work, in the transaction of that change.
final class Companion: Sendable {
    @TaskLocal static var current: Companion?

    private let write: @Sendable (any SQLConnection) throws -> Void
    private let isWritten = Mutex(false)

    init(_ write: @Sendable @escaping (any SQLConnection) throws -> Void) { self.write = write }

    /// Runs `body`, and then writes the companion if `body` has made the first change of a row.
    static func joining<T>(
        _ body: @Sendable @escaping (any SQLConnection) throws -> T
    ) -> @Sendable (any SQLConnection) throws -> T {
        guard let companion = current else { return body }
        return { connection in
            let counting = CountingConnection(connection)
            let result = try body(counting)
            let isFirst = counting.changes > 0 && !companion.isWritten.withLock(\.self)
            if isFirst {
                try companion.write(connection)
                companion.isWritten.withLock { $0 = true }
            }
            return result
        }
    }
}

/// Counts changed rows.
final class CountingConnection: SQLConnection {
    private let connection: any SQLConnection
    private(set) var changes = 0

    init(_ connection: any SQLConnection) { self.connection = connection }

    func rows(_ sql: String, _ arguments: [SQLValue]) throws -> [SQLRow] { try connection.rows(sql, arguments) }

    func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
        let count = try connection.execute(sql, arguments)
        changes += count
        return count
    }
}

/// A database whose writers write their companions.
struct AccompaniedDatabase: Database {
    let database: any Database

    func read<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T {
        try await database.read(body)
    }

    func readInline<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T {
        try await database.readInline(body)
    }

    func write<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T {
        try await database.write(Companion.joining(body))
    }

    func close() throws { try database.close() }
}
