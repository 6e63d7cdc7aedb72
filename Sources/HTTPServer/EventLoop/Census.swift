internal import NetworkAddress
internal import Synchronization

/// How many connections are open, in all and of each client. Shared by all loops.
final class Census: Sendable {
    private let limit: Int
    private let limitPerClient: Int
    private let open = Atomic<Int>(0)
    private let clients = Mutex<[IPAddress: Int]>([:])
    private let closers = Mutex<[@Sendable () -> Void]>([])

    /// Connections above the limit that are taken while other loops make room.
    private static let spare = 32
    /// A client's share when the server is full.
    private static let leastShare = 8

    /// `limitPerClient`: 0 for a share of what is free.
    init(limit: Int, limitPerClient: Int) {
        self.limit = limit
        self.limitPerClient = limitPerClient
    }

    var count: Int { open.load(ordering: .relaxed) }
    var isOver: Bool { count > limit }
    var isFarOver: Bool { count > limit + Self.spare }

    func enter() { open.add(1, ordering: .relaxed) }
    func leave() { open.subtract(1, ordering: .relaxed) }

    /// Counts one more connection of `client`; false, and uncounted, if it has its share already.
    ///
    /// Without a limit of its own a client may have as many connections as are free yet: one alone gets half of all,
    /// and however many take what they can, each leaves as much for the next as it has itself.
    func admit(_ client: IPAddress) -> Bool {
        let share = limitPerClient > 0 ? limitPerClient : max(Self.leastShare, limit - count)
        return clients.withLock { clients in
            guard clients[client, default: 0] < share else { return false }
            clients[client, default: 0] += 1
            return true
        }
    }

    /// Counts one more connection of `client`, which has closed another.
    func replace(_ client: IPAddress) { clients.withLock { $0[client, default: 0] += 1 } }

    /// Takes back one `admit` or `replace`.
    func dismiss(_ client: IPAddress) {
        clients.withLock { clients in
            guard let count = clients[client] else { return }
            clients[client] = count > 1 ? count - 1 : nil
        }
    }

    /// `close` is called, from any thread, when a loop needs room and has no connection to close.
    func onNeed(_ close: @escaping @Sendable () -> Void) { closers.withLock { $0.append(close) } }

    /// Asks all loops to close a connection that waits for its client.
    func askForRoom() { for close in closers.withLock({ $0 }) { close() } }
}
