internal import CLinux
internal import Glibc

/// The open connections, and an epoll instance that watches their sockets, so that a turn of the loop costs what has
/// happened and not how many connections there are. Touched by the loop's thread alone.
struct RawConnectionTable {
    private var connections: [UInt64: RawConnection] = [:]
    /// Links that may have more to read than epoll sees.
    private var pendingReads: Set<UInt64> = []
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 10, alignment: 16)
    /// Readable when a connection's socket is ready.
    let epoll: Int32

    init() { epoll = epoll_create1(Int32(EPOLL_CLOEXEC)) }

    subscript(id: UInt64) -> RawConnection? { connections[id] }
    var all: [RawConnection] { Array(connections.values) }
    var hasPendingReads: Bool { !pendingReads.isEmpty }

    /// The connection's handle has connected. The first look at it also ties the connection to its handle: until then
    /// libcurl takes it for an idle one, which it may close. Nil, or why the connection is over already.
    mutating func add(_ connection: RawConnection) -> HTTPClientError? {
        guard connection.descriptor >= 0, watch(connection, EPOLL_CTL_ADD) == 0 else {
            return .other("no socket to watch")
        }
        connections[connection.id] = connection
        return read(connection)
    }

    mutating func remove(_ connection: RawConnection) {
        connections[connection.id] = nil
        pendingReads.remove(connection.id)
        _ = clinux_epoll_control(epoll, EPOLL_CTL_DEL, connection.descriptor, 0, 0)
    }

    mutating func send(_ bytes: [UInt8], on connection: RawConnection) -> HTTPClientError? {
        let waited = connection.hasUnsent
        let error = connection.send(bytes)
        if connection.hasUnsent != waited { _ = watch(connection, EPOLL_CTL_MOD) }
        return error
    }

    /// Moves the bytes of all connections that are ready; returns those that are over.
    mutating func pump() -> [(RawConnection, HTTPClientError)] {
        var over: [UInt64: (RawConnection, HTTPClientError)] = [:]
        let waiting = pendingReads
        pendingReads = []
        for (id, events) in ready() + waiting.map({ ($0, EPOLLIN.rawValue) }) {
            guard let connection = connections[id], over[id] == nil else { continue }
            var error = events & EPOLLOUT.rawValue != 0 ? send([], on: connection) : nil
            if error == nil, events & ~EPOLLOUT.rawValue != 0 { error = read(connection) }
            if let error { over[id] = (connection, error) }
        }
        return Array(over.values)
    }

    /// To be called once.
    func free() {
        buffer.deallocate()
        close(epoll)
    }

    private mutating func read(_ connection: RawConnection) -> HTTPClientError? {
        switch connection.receive(into: buffer) {
        case .done: return nil
        case .over(let error): return error
        case .more:
            pendingReads.insert(connection.id)
            return nil
        }
    }

    private func ready() -> [(UInt64, UInt32)] {
        withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: 64) { space in
            let count = epoll_wait(epoll, space.baseAddress, 64, 0)
            return (0..<max(0, Int(count))).map { (space[$0].data.u64, space[$0].events) }
        }
    }

    private func watch(_ connection: RawConnection, _ operation: Int32) -> Int32 {
        let events = EPOLLIN.rawValue | (connection.hasUnsent ? EPOLLOUT.rawValue : 0)
        return clinux_epoll_control(epoll, operation, connection.descriptor, events, connection.id)
    }
}
