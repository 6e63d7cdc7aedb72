import Synchronization

/// Writes the audit log entry of a piece of work in the transaction of its first change.
final class AuditHook: Sendable {
    @TaskLocal static var current: AuditHook?

    private let write: @Sendable (any SQLConnection) throws -> Void
    private let isWritten = Mutex(false)

    init(_ write: @Sendable @escaping (any SQLConnection) throws -> Void) { self.write = write }

    /// Returns a body that runs `body`, and then the current task's hook if `body` has made the first change of a row.
    static func attached<T>(
        to body: @Sendable @escaping (any SQLConnection) throws -> T
    ) -> @Sendable (any SQLConnection) throws -> T {
        guard let hook = current else { return body }
        return { connection in
            let counting = CountingConnection(connection)
            let result = try body(counting)
            let isFirst = counting.changes > 0 && !hook.isWritten.withLock(\.self)
            if isFirst {
                try hook.write(connection)
                hook.isWritten.withLock { $0 = true }
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

/// A database whose writes run the current task's hook.
struct AuditedDatabase: Database {
    let database: any Database

    func read<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T {
        try await database.read(body)
    }

    func readInline<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T {
        try await database.readInline(body)
    }

    func write<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T {
        try await database.write(AuditHook.attached(to: body))
    }

    func close() throws { try database.close() }
}
