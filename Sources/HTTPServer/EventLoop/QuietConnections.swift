internal import NetworkAddress

/// The connections of one loop for which no handler works: they wait for their client, who sends nothing, sends slowly
/// or takes a response slowly. In the order in which they began to wait, all together and for each client.
///
/// Each call takes constant time. Touched on the loop's thread alone.
final class QuietConnections {
    private let all = Line()
    private var clients: [IPAddress: Line] = [:]

    /// The connection begins to wait, or begins anew. `client` is nil where the peer is a proxy.
    func add(_ connection: Connection, of client: IPAddress?) {
        if let place = connection.place, place.isTaken, place.client == client {
            all.moveToEnd(place.inAll)
            place.line?.moveToEnd(place.inClient)
            return
        }
        remove(connection)
        let place = connection.place ?? Place(connection)
        connection.place = place
        (place.isTaken, place.client, place.line) = (true, client, client.map { line(of: $0) })
        all.append(place.inAll)
        place.line?.append(place.inClient)
    }

    /// The connection waits no more, or is closed. Harmless if it did not wait.
    func remove(_ connection: Connection) {
        guard let place = connection.place, place.isTaken else { return }
        place.isTaken = false
        all.remove(place.inAll)
        place.line?.remove(place.inClient)
        if let client = place.client, place.line?.first == nil { clients[client] = nil }
        place.line = nil
    }

    /// Closes the connection that has waited for longest; false if none waits.
    func closeOldest() -> Bool { close(all.first) }

    /// The same among those of `client`.
    func closeOldest(of client: IPAddress) -> Bool { close(clients[client]?.first) }

    private func close(_ node: Node?) -> Bool {
        guard let node else { return false }
        node.connection.close()
        return true
    }

    private func line(of client: IPAddress) -> Line {
        if let line = clients[client] { return line }
        let line = Line()
        clients[client] = line
        return line
    }
}

extension QuietConnections {
    /// Where a connection stands in both lines; kept with it, so that a request costs no allocation.
    final class Place {
        fileprivate let inAll: Node
        fileprivate let inClient: Node
        fileprivate var isTaken = false
        fileprivate var client: IPAddress?
        fileprivate var line: Line?

        fileprivate init(_ connection: Connection) {
            inAll = Node(connection)
            inClient = Node(connection)
        }
    }

    fileprivate final class Node {
        /// Closing takes the connection out of both lines before it is released.
        unowned let connection: Connection
        var previous: Node?
        var next: Node?

        init(_ connection: Connection) { self.connection = connection }
    }

    /// A doubly linked list; a connection leaves it from anywhere.
    fileprivate final class Line {
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
