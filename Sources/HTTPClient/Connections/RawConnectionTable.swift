internal import CLinux
internal import Glibc

/// The open connections, and an epoll instance that watches their sockets, so that the cost of one iteration of the
/// loop depends on the number of events, not of connections. Used on the loop's thread only.
struct RawConnectionTable {
    private var connections: [UInt64: RawConnection] = [:]
    /// Connections that may have bytes to read that epoll does not report.
    private var pendingReads: Set<UInt64> = []
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 10, alignment: 16)
    /// Readable when a connection's socket is ready.
    let epoll: Int32

    init() { epoll = epoll_create1(Int32(EPOLL_CLOEXEC)) }

    subscript(id: UInt64) -> RawConnection? { connections[id] }
    var all: [RawConnection] { Array(connections.values) }
    var hasPendingReads: Bool { !pendingReads.isEmpty }

    /// Adds a connection whose handle has connected, and reads from it. The first read ties the connection to its
    /// handle; before that, libcurl regards it as idle and may close it. Returns nil, or the error that ended the
    /// connection.
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

    /// Sends and receives on all ready connections; returns those that ended, with their errors.
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

    /// Frees the buffer and the epoll instance. Call once.
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
