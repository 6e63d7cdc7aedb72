internal import NetworkAddress
internal import Synchronization

/// Number of open connections, in total and per client. Shared by all loops.
final class ConnectionCounter: Sendable {
    private let limit: Int
    private let limitPerClient: Int
    private let open = Atomic<Int>(0)
    private let refused = Atomic<Int>(0)
    private let clients = Mutex<[IPAddress: Int]>([:])
    private let waiting = Atomic<Int>(0)
    private let closers = Mutex<[@Sendable (IPAddress?) -> Void]>([])

    /// Connections accepted above the limit while other loops close connections.
    private static let spare = 32
    /// Refused connections that are open at the same time.
    private static let mostRefused = 32
    /// Connections above the limit, at most.
    static let mostAboveLimit = spare + mostRefused
    /// A client's minimum share when the server is full.
    private static let leastShare = 8

    /// `limitPerClient`: 0 for as many as are free.
    init(limit: Int, limitPerClient: Int) {
        self.limit = limit
        self.limitPerClient = limitPerClient
    }

    var count: Int { open.load(ordering: .relaxed) }
    var isOver: Bool { count > limit }
    var isFarOver: Bool { count > limit + Self.spare }

    func enter() { open.add(1, ordering: .relaxed) }
    func leave() { open.subtract(1, ordering: .relaxed) }

    /// Counts one more connection of `client`. Returns false, without counting it, if the client has its full share.
    ///
    /// Without `limitPerClient`, a client may have as many connections as are still free. A single client gets half of
    /// all connections, and every further client half of the rest.
    func admit(_ client: IPAddress) -> Bool { admit(client, upTo: share) }

    /// As `admit`, for a client that has its full share and perhaps connections on other loops that wait and can be
    /// closed. Admits up to eight connections more.
    func admitAboveShare(_ client: IPAddress) -> Bool {
        closers.withLock(\.count) > 1 && admit(client, upTo: share + Self.leastShare)
    }

    private var share: Int { limitPerClient > 0 ? limitPerClient : max(Self.leastShare, limit - count) }

    private func admit(_ client: IPAddress, upTo most: Int) -> Bool {
        clients.withLock { clients in
            guard clients[client, default: 0] < most else { return false }
            clients[client, default: 0] += 1
            return true
        }
    }

    /// Whether `client` has more than its share.
    func isAboveShare(_ client: IPAddress) -> Bool { clients.withLock { $0[client, default: 0] } > share }

    /// Whether any loop has a connection that waits for its client.
    var hasWaiting: Bool { waiting.load(ordering: .relaxed) > 0 }

    /// Counts a connection that waits for its client, or no longer does.
    func countWaiting(_ change: Int) { waiting.add(change, ordering: .relaxed) }

    /// Whether `client` has only one connection.
    func isFirst(_ client: IPAddress) -> Bool { clients.withLock { $0[client, default: 0] <= 1 } }

    /// Counts one more connection of `client`, in place of one that was closed.
    func replace(_ client: IPAddress) { clients.withLock { $0[client, default: 0] += 1 } }

    /// Reverts one `admit` or `replace`.
    func release(_ client: IPAddress) {
        clients.withLock { clients in
            guard let count = clients[client] else { return }
            clients[client] = count > 1 ? count - 1 : nil
        }
    }

    /// Counts a refused connection that stays open for its response. Returns false, without counting it, if there are
    /// enough of them.
    ///
    /// Without this bound a client with a full share could open any number of connections, each for as long as its
    /// refusal takes.
    func beginRefusal() -> Bool {
        guard refused.add(1, ordering: .relaxed).newValue > Self.mostRefused else { return true }
        endRefusal()
        return false
    }

    /// Reverts one `beginRefusal` that returned true.
    func endRefusal() { refused.subtract(1, ordering: .relaxed) }

    /// Registers `close`, which is called on any thread when a loop has no connection to close. It closes one of the
    /// given client, or any if nil.
    func onOverload(_ close: @escaping @Sendable (IPAddress?) -> Void) { closers.withLock { $0.append(close) } }

    /// Asks all loops to close a connection that waits; of `client`, if it is not nil.
    func requestRoom(of client: IPAddress? = nil) { for close in closers.withLock({ $0 }) { close(client) } }
}
