import Foundation
import Synchronization
import Testing

@testable import Storage

/// A database whose rows are counted when they are read.
private final class CountedDatabase: Database {
    let database: any Database
    let count = Mutex(0)

    init(_ database: any Database) { self.database = database }

    private struct Connection: SQLConnection {
        let connection: any SQLConnection
        let database: CountedDatabase

        func rows(_ sql: String, _ arguments: [SQLValue]) throws -> [SQLRow] {
            let rows = try connection.rows(sql, arguments)
            database.count.withLock { $0 += rows.count }
            return rows
        }

        func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
            try connection.execute(sql, arguments)
        }
    }

    func read<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T {
        try await database.read { try body(Connection(connection: $0, database: self)) }
    }

    func write<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T {
        try await database.write(body)
    }

    func close() throws { try database.close() }
}

/// Whether the books can be read, as it is asked every few seconds.
@Suite struct AnswerTests {
    @Test(arguments: StorageBackend.all)
    func `whether the database answers is found out by one row, however many orders wait`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        for number in 0..<50 { _ = try await venue.connect(Venue.client(number)) }
        let counted = CountedDatabase(venue.database)
        try await Store(counted, sealer: venue.store.sealer).checkAnswers()
        #expect(counted.count.withLock(\.self) == 1)
    }

    @Test(arguments: StorageBackend.all)
    func `a closed database does not answer`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        try venue.store.close()
        await #expect(throws: (any Error).self) { try await venue.store.checkAnswers() }
    }
}
