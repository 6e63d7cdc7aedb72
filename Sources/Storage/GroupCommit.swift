import Synchronization

/// Writers that wait at the same time share one durable transaction, so that a disk's commits per second do not limit
/// guests per second. While one commit is in progress, the next group forms.
///
/// Every body runs in its own savepoint: one that throws undoes only its own writes. All callers get their results
/// after the commit; if it fails, all get its error. Callable from any task.
package final class GroupCommit: Sendable {
    private let database: any Database
    private let state = Mutex(State())
    /// Maximum writers in one group, which limits the wait of the first one.
    private static let largestGroup = 256

    private struct State {
        var waiting: [Entry] = []
        var isRunning = false
    }

    private struct Entry: Sendable {
        /// Runs the body; throws only if the whole transaction is lost.
        let run: @Sendable (any SQLConnection) throws -> Void
        /// Called with nil after the commit, or with the error that prevented it.
        let answer: @Sendable ((any Error)?) -> Void
    }

    package init(_ database: any Database) { self.database = database }

    /// The number of writers that are in no group.
    var waitingWriters: Int { state.withLock { $0.waiting.count } }

    /// Runs `body` and returns when its writes are on disk. Rethrows errors of `body`, after its writes are undone.
    package func write<T: Sendable>(
        _ body: @Sendable @escaping (any SQLConnection) throws -> T
    ) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            join(Self.entry(AuditHook.attached(to: body)) { continuation.resume(with: $0) })
        }
    }

    private static func entry<T: Sendable>(
        _ body: @Sendable @escaping (any SQLConnection) throws -> T,
        _ done: @Sendable @escaping (Result<T, any Error>) -> Void
    ) -> Entry {
        let outcome = Outcome<T>()
        return Entry(
            run: { connection in
                let result = try inSavepoint(connection, body)
                outcome.result.withLock { $0 = result }
            },
            answer: { error in
                let failure = Result<T, any Error>.failure(error ?? StorageError.refused("the writer was not run"))
                done(error == nil ? outcome.result.withLock { $0 } ?? failure : failure)
            })
    }

    private final class Outcome<T: Sendable>: Sendable {
        let result = Mutex<Result<T, any Error>?>(nil)
    }

    private static func inSavepoint<T: Sendable>(
        _ connection: any SQLConnection, _ body: (any SQLConnection) throws -> T
    ) throws -> Result<T, any Error> {
        try connection.execute("SAVEPOINT writer", [])
        let result = Result { try body(connection) }
        if case .failure(let cause) = result {
            // An engine that has rolled back the whole transaction has no savepoint any more. All writers then get the
            // error.
            do { try connection.execute("ROLLBACK TO SAVEPOINT writer", []) } catch { throw cause }
        }
        try connection.execute("RELEASE SAVEPOINT writer", [])
        return result
    }

    private func join(_ entry: Entry) {
        let starts = state.withLock { state in
            state.waiting.append(entry)
            defer { state.isRunning = true }
            return !state.isRunning
        }
        if starts { Task { await commitGroups() } }
    }

    private func commitGroups() async {
        while let group = nextGroup() {
            var failure: (any Error)?
            do {
                try await database.write { connection in for entry in group { try entry.run(connection) } }
            } catch { failure = error }
            for entry in group { entry.answer(failure) }
        }
    }

    private func nextGroup() -> [Entry]? {
        state.withLock { state in
            let group = Array(state.waiting.prefix(Self.largestGroup))
            state.waiting.removeFirst(group.count)
            state.isRunning = !group.isEmpty
            return group.isEmpty ? nil : group
        }
    }
}
