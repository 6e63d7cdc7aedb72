import Synchronization

/// Lets writers that wait at the same time share one durable transaction, so that a disk's commits per second do not
/// limit guests per second. While one commit is under way, the next group gathers.
///
/// Every body runs in a savepoint of its own: one that throws undoes its own writes only. All are answered after the
/// commit; if that fails, all get its error. Callable from any task.
package final class GroupCommit: Sendable {
    private let database: any Database
    private let state = Mutex(State())
    /// Writers in one group, so that the first never waits for very many.
    private static let largestGroup = 256

    private struct State {
        var waiting: [Entry] = []
        var isRunning = false
    }

    private struct Entry: Sendable {
        /// Runs the body; throws only if the whole transaction is lost.
        let run: @Sendable (any SQLConnection) throws -> Void
        /// Given nil after the commit, else why there was none.
        let answer: @Sendable ((any Error)?) -> Void
    }

    package init(_ database: any Database) { self.database = database }

    /// Writers that are in no group yet.
    var waitingWriters: Int { state.withLock { $0.waiting.count } }

    /// Runs `body` and returns when its writes are on disk. Throws what `body` throws, after its writes are undone.
    package func write<T: Sendable>(
        _ body: @Sendable @escaping (any SQLConnection) throws -> T
    ) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            join(Self.entry(Companion.joining(body)) { continuation.resume(with: $0) })
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
            // An engine that has given up the whole transaction knows no savepoint any more.
            // Then this is everybody's error.
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
