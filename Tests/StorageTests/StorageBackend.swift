// StorageTests is the conformance suite of storage: every backend runs all of it. Reading order: StorageBackend, Venue,
// then a file for each role; GroupCommit, Migration, Secrets, Plans and SQLite after them.

import Captive
import Foundation
import Synchronization
import Testing

@testable import Storage

/// An engine under test.
struct StorageBackend: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// A new, empty database.
    let make: @Sendable () throws -> (any Database, TemporaryFolder)

    static let all = [
        StorageBackend(testDescription: "SQLite") {
            let folder = try TemporaryFolder()
            return (try SQLiteDatabase(path: folder.database), folder)
        }
    ]
}

/// A folder that is deleted with the last reference to it.
final class TemporaryFolder: Sendable {
    let path: String
    var database: String { path + "/portico.db" }

    init() throws {
        path = NSTemporaryDirectory() + "/portico-storage-" + UUID().text
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// The changes that a store has reported.
final class Changes: Sendable {
    private let told = Mutex<[StoreChange]>([])
    var all: [StoreChange] { told.withLock { $0 } }
    func tell(_ change: StoreChange) { told.withLock { $0.append(change) } }
}
