import Captive
import Synchronization

/// A database that records why its last write failed, if the cause was the disk, a file or a lock.
final class MonitoredDatabase: Database {
    private let database: any Database
    private let fault = Mutex<StorageError?>(nil)

    init(_ database: any Database) { self.database = database }

    /// Why the last write failed; nil if it succeeded, or failed for another reason.
    var writeFault: StorageError? { fault.withLock(\.self) }

    func read<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T {
        try await database.read(body)
    }

    func readInline<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T {
        try await database.readInline(body)
    }

    func write<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T {
        do {
            let (result, isProof) = try await database.write { connection in
                let counting = CountingConnection(connection)
                let result = try body(counting)
                return (result, counting.changes > 0)
            }
            // A write that changes nothing does not prove that the disk has space.
            if isProof { fault.withLock { $0 = nil } }
            return result
        } catch let error as StorageError where error.isUnavailable {
            fault.withLock { $0 = error }
            throw error
        }
    }

    func close() throws { try database.close() }
}
