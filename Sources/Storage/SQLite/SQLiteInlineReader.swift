internal import GRDB
internal import Synchronization

/// Connections for inline reads, created on demand. Each is used by one caller at a time, so that callers do not wait
/// for one another.
final class SQLiteInlineReader: Sendable {
    private struct State {
        var idle: [DatabaseQueue] = []
        /// The number of connections that may still be created.
        var left = 4
    }

    private let open: @Sendable () throws -> DatabaseQueue
    private let state = Mutex(State())

    init(open: @escaping @Sendable () throws -> DatabaseQueue) { self.open = open }

    /// Runs `body` in a transaction; nil if all connections are in use.
    func read<T>(_ body: (any SQLConnection) throws -> T) throws -> T? {
        guard let queue = try take() else { return nil }
        defer { state.withLock { $0.idle.append(queue) } }
        return try queue.read { try body(SQLiteConnection($0)) }
    }

    /// Closes unused connections and creates no more. Does not close connections in use.
    func close() throws {
        let idle = state.withLock { state in
            defer { state = State(left: 0) }
            return state.idle
        }
        for queue in idle { try queue.close() }
    }

    private func take() throws -> DatabaseQueue? {
        let (idle, isAllowed) = state.withLock { state in
            if let idle = state.idle.popLast() { return (Optional(idle), false) }
            guard state.left > 0 else { return (nil, false) }
            state.left -= 1
            return (nil, true)
        }
        guard isAllowed else { return idle }
        do { return try open() } catch {
            state.withLock { $0.left += 1 }
            throw error
        }
    }
}
