internal import GRDB

/// Converts the engine's result codes (sqlite.org/rescode.html) to `StorageError`. Does not change other errors.
enum SQLiteFailure {
    static func translated<T>(_ body: () throws -> T) throws -> T {
        do { return try body() } catch let error as DatabaseError { throw meaning(of: error) }
    }

    static func translated<T: Sendable>(_ body: @Sendable () async throws -> T) async throws -> T {
        do { return try await body() } catch let error as DatabaseError { throw meaning(of: error) }
    }

    private static func meaning(of error: DatabaseError) -> StorageError {
        // Only the message: GRDB's description would include the statement.
        let message = error.message ?? "SQLite result \(error.extendedResultCode.rawValue)"
        return switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: .corrupt(message)
        case .SQLITE_READONLY, .SQLITE_PERM: .readOnly
        case .SQLITE_FULL: .full
        case .SQLITE_BUSY, .SQLITE_LOCKED: .busy
        case .SQLITE_CANTOPEN, .SQLITE_IOERR: .unusable(message)
        default: .refused(message)
        }
    }
}
