internal import NetworkAddress
internal import Synchronization

/// How many connections are open, in all and of each client. Shared by all loops.
final class Census: Sendable {
    private let limit: Int
    private let limitPerClient: Int
    private let open = Atomic<Int>(0)
    private let clients = Mutex<[IPAddress: Int]>([:])

    init(limit: Int, limitPerClient: Int) {
        self.limit = limit
        self.limitPerClient = limitPerClient
    }

    var count: Int { open.load(ordering: .relaxed) }
    var isFull: Bool { count >= limit }

    func enter() { open.add(1, ordering: .relaxed) }
    func leave() { open.subtract(1, ordering: .relaxed) }

    /// Counts one more connection of `client`; false, and uncounted, if it has its share already.
    func admit(_ client: IPAddress) -> Bool {
        guard limitPerClient > 0 else { return true }
        return clients.withLock { clients in
            guard clients[client, default: 0] < limitPerClient else { return false }
            clients[client, default: 0] += 1
            return true
        }
    }

    /// Takes back one `admit`.
    func dismiss(_ client: IPAddress) {
        guard limitPerClient > 0 else { return }
        clients.withLock { clients in
            guard let count = clients[client] else { return }
            clients[client] = count > 1 ? count - 1 : nil
        }
    }
}
