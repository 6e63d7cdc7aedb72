internal import CLinux
internal import Glibc

/// The open links, and an epoll instance that watches their sockets, so that a turn of the loop costs what has happened
/// and not how many connections there are. Touched by the loop's thread alone.
struct LinkTable {
    private var links: [UInt64: Link] = [:]
    /// Links that may have more to read than epoll sees.
    private var eager: Set<UInt64> = []
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 10, alignment: 16)
    /// Readable when a link's socket is ready.
    let epoll: Int32

    init() { epoll = epoll_create1(Int32(EPOLL_CLOEXEC)) }

    subscript(id: UInt64) -> Link? { links[id] }
    var all: [Link] { Array(links.values) }
    var isEager: Bool { !eager.isEmpty }

    /// The link's handle has connected. The first look at it also ties the connection to its handle: until then libcurl
    /// takes it for an idle one, which it may close. Nil, or why the connection is over already.
    mutating func add(_ link: Link) -> HTTPClientError? {
        guard link.descriptor >= 0, watch(link, EPOLL_CTL_ADD) == 0 else { return .other("no socket to watch") }
        links[link.id] = link
        return read(link)
    }

    mutating func remove(_ link: Link) {
        links[link.id] = nil
        eager.remove(link.id)
        _ = clinux_epoll_control(epoll, EPOLL_CTL_DEL, link.descriptor, 0, 0)
    }

    mutating func send(_ bytes: [UInt8], on link: Link) -> HTTPClientError? {
        let waited = link.hasUnsent
        let error = link.send(bytes)
        if link.hasUnsent != waited { _ = watch(link, EPOLL_CTL_MOD) }
        return error
    }

    /// Moves the bytes of all links that are ready; returns those that are over.
    mutating func move() -> [(Link, HTTPClientError)] {
        var over: [UInt64: (Link, HTTPClientError)] = [:]
        let waiting = eager
        eager = []
        for (id, events) in ready() + waiting.map({ ($0, EPOLLIN.rawValue) }) {
            guard let link = links[id], over[id] == nil else { continue }
            var error = events & EPOLLOUT.rawValue != 0 ? send([], on: link) : nil
            if error == nil, events & ~EPOLLOUT.rawValue != 0 { error = read(link) }
            if let error { over[id] = (link, error) }
        }
        return Array(over.values)
    }

    /// To be called once.
    func free() {
        buffer.deallocate()
        close(epoll)
    }

    private mutating func read(_ link: Link) -> HTTPClientError? {
        switch link.receive(into: buffer) {
        case .done: return nil
        case .over(let error): return error
        case .more:
            eager.insert(link.id)
            return nil
        }
    }

    private func ready() -> [(UInt64, UInt32)] {
        withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: 64) { space in
            let count = epoll_wait(epoll, space.baseAddress, 64, 0)
            return (0..<max(0, Int(count))).map { (space[$0].data.u64, space[$0].events) }
        }
    }

    private func watch(_ link: Link, _ operation: Int32) -> Int32 {
        let events = EPOLLIN.rawValue | (link.hasUnsent ? EPOLLOUT.rawValue : 0)
        return clinux_epoll_control(epoll, operation, link.descriptor, events, link.id)
    }
}
