internal import NetworkAddress

/// The connections of one loop without a running handler. They wait for their client, which is idle or sends or
/// receives slowly. Ordered by the time at which they began to wait, in total and per client.
///
/// Each call takes constant time. Used on the loop's thread only.
final class WaitingConnections {
    private let counter: ConnectionCounter
    private let all = List()
    private var clients: [IPAddress: List] = [:]

    init(counter: ConnectionCounter) { self.counter = counter }

    /// Appends the connection, or moves it to the end. `client` is nil if the peer is a proxy.
    func add(_ connection: Connection, of client: IPAddress?) {
        if let entry = connection.waitingEntry, entry.isListed, entry.client == client {
            all.moveToEnd(entry.inAll)
            entry.list?.moveToEnd(entry.inClient)
            return
        }
        remove(connection)
        let entry = connection.waitingEntry ?? Entry(connection)
        connection.waitingEntry = entry
        (entry.isListed, entry.client, entry.list) = (true, client, client.map { list(of: $0) })
        counter.countWaiting(1)
        all.append(entry.inAll)
        entry.list?.append(entry.inClient)
    }

    /// Removes the connection; does nothing if it is not listed.
    func remove(_ connection: Connection) {
        guard let entry = connection.waitingEntry, entry.isListed else { return }
        entry.isListed = false
        counter.countWaiting(-1)
        all.remove(entry.inAll)
        entry.list?.remove(entry.inClient)
        if let client = entry.client, entry.list?.first == nil { clients[client] = nil }
        entry.list = nil
    }

    /// Closes the connection that has waited longest; false if there is none.
    func closeOldest() -> Bool { close(all.first) }

    /// Closes the connection of `client` that has waited longest; false if there is none.
    func closeOldest(of client: IPAddress) -> Bool { close(clients[client]?.first) }

    private func close(_ node: Node?) -> Bool {
        guard let node else { return false }
        node.connection.close()
        return true
    }

    private func list(of client: IPAddress) -> List {
        if let list = clients[client] { return list }
        let list = List()
        clients[client] = list
        return list
    }
}

extension WaitingConnections {
    /// A connection's nodes in both lists. Stored in the connection, so that a request needs no allocation.
    final class Entry {
        fileprivate let inAll: Node
        fileprivate let inClient: Node
        fileprivate var isListed = false
        fileprivate var client: IPAddress?
        fileprivate var list: List?

        fileprivate init(_ connection: Connection) {
            inAll = Node(connection)
            inClient = Node(connection)
        }
    }

    fileprivate final class Node {
        /// Closing a connection removes it from both lists before it is released.
        unowned let connection: Connection
        var previous: Node?
        var next: Node?

        init(_ connection: Connection) { self.connection = connection }
    }

    /// A doubly linked list.
    fileprivate final class List {
        private(set) var first: Node?
        private var last: Node?

        func append(_ node: Node) {
            node.previous = last
            if let last { last.next = node } else { first = node }
            last = node
        }

        func remove(_ node: Node) {
            if let next = node.next { next.previous = node.previous } else { last = node.previous }
            if let previous = node.previous { previous.next = node.next } else { first = node.next }
            (node.next, node.previous) = (nil, nil)
        }

        func moveToEnd(_ node: Node) {
            guard node !== last else { return }
            remove(node)
            append(node)
        }
    }
}
