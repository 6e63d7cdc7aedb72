internal import CLinux
internal import Glibc
internal import NetworkAddress

/// One client's socket: moves bytes between it and the HTTP/1 state machine, and does what that says.
///
/// `@unchecked Sendable`: Safe because it is touched on its loop's thread alone; the tasks of its requests prefer that
/// loop, and `complete` checks it.
final class Connection: Watcher, @unchecked Sendable {
    enum Phase { case proxyHeader, handshake, open, lingering, closed }

    /// How the connection ends once all is sent.
    enum Ending {
        /// The client asked for it and sends no more.
        case close
        /// Half-close and drain: closing with bytes unread makes the kernel send a reset, which can destroy the
        /// response on its way (RFC 9112 section 9.6).
        case linger
    }

    let descriptor: Int32
    let worker: Worker
    var peer: IPAddress
    var isSecure: Bool
    var phase: Phase
    var http: HTTP1Connection
    var tls: TLSSession?
    /// Received, and not yet taken by the state machine or the PROXY header.
    var held: [UInt8] = []
    var backlog = Backlog()
    var ending: Ending?
    /// The client sends no more.
    var hasEnded = false
    /// Of the handshake, of an unsent response, of the drain.
    var deadline: MonotonicTime
    var task: Task<Void, Never>?
    private var interest: UInt32?
    /// The client that the connection is counted for; nil for a proxy.
    private var admitted: IPAddress?
    /// Kept by the worker's `quiet`.
    var place: QuietConnections.Place?

    /// How long a closing connection is drained.
    static let lingerTime = Duration.seconds(2)
    /// Bytes that may wait behind a request being answered.
    static let largestPipeline = 16 << 10

    init(_ descriptor: Int32, peer: IPAddress, worker: Worker, tls context: TLSContext?, requiresProxyHeader: Bool) {
        (self.descriptor, self.peer, self.worker) = (descriptor, peer, worker)
        let now = worker.loop.now
        http = HTTP1Connection(limits: worker.limits, now: now)
        deadline = now + worker.limits.handshakeTime
        tls = context?.makeSession(for: descriptor)
        isSecure = tls != nil
        phase = requiresProxyHeader ? .proxyHeader : (tls == nil ? .open : .handshake)
    }

    /// Looks at once for what the client sent: the listener delivers connections that have.
    func begin() {
        if phase == .proxyHeader {
            guard worker.isTrusted(peer) else { return close() }
        } else if !worker.isTrusted(peer), !admit() {
            return
        }
        guard worker.makeRoom() else { return turnAway() }
        wait()
        if worker.isDraining { _ = http.drain() }
        ready(EPOLLIN.rawValue)
    }

    func ready(_ events: UInt32) {
        if events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { return close() }
        if events & EPOLLOUT.rawValue != 0 { writable() }
        if events & EPOLLIN.rawValue != 0 { readable() }
        updateInterest()
    }

    func tick() {
        let now = worker.loop.now
        switch phase {
        case .proxyHeader, .handshake, .lingering:
            if now >= deadline { close() }
        case .open where !backlog.isEmpty:
            if now >= deadline { reset() }
        case .open:
            perform(http.tick(now: now))
            flush()
            updateInterest()
        case .closed: break
        }
    }

    /// The response under way is the last.
    func drain() {
        guard phase == .open, ending == nil else { return }
        perform(http.drain())
    }

    /// Counts the connection against its client's share. Over it, those of the client's connections are closed that
    /// have waited for longest; if none waits, the client is told so and false returned.
    func admit() -> Bool {
        let client = peer.countedAs
        if !worker.census.admit(client) {
            guard worker.quiet.closeOldest(of: client) else {
                turnAway()
                return false
            }
            if !worker.census.admit(client) {
                // Its share has become smaller: two for one bring it down to that.
                _ = worker.quiet.closeOldest(of: client)
                worker.census.replace(client)
            }
        }
        admitted = client
        return true
    }

    /// No handler works for the connection: it may be closed when there are too many.
    func wait() { if phase != .closed { worker.quiet.add(self, of: admitted) } }

    private func turnAway() {
        guard phase == .open else { return close() }
        perform(.refuse(.serviceUnavailable, path: nil))
        flush()
        updateInterest()
        wait()
    }

    func close() {
        guard phase != .closed else { return }
        phase = .closed
        worker.quiet.remove(self)
        place = nil
        task?.cancel()
        worker.loop.forget(descriptor)
        tls = nil
        Glibc.close(descriptor)
        (held, backlog) = ([], Backlog())
        if let admitted { worker.census.dismiss(admitted) }
        worker.connectionClosed()
    }

    private func reset() {
        clinux_reset_on_close(descriptor)
        close()
    }

    func updateInterest() {
        guard phase != .closed else { return }
        let wanted = (wantsToRead ? EPOLLIN.rawValue : 0) | (wantsToWrite ? EPOLLOUT.rawValue : 0)
        guard wanted != interest else { return }
        interest = wanted
        worker.loop.watch(descriptor, for: wanted, self)
    }

    /// False while a response is unsent, or a handler runs and enough is waiting behind it: the kernel then slows the
    /// client down.
    var wantsToRead: Bool {
        switch phase {
        case .proxyHeader, .lingering: true
        case .handshake: tls?.wantsToWrite == false
        case .open:
            !hasEnded && backlog.isEmpty && ending == nil
                && !(http.isResponding && held.count >= Connection.largestPipeline)
        case .closed: false
        }
    }

    private var wantsToWrite: Bool { !backlog.isEmpty || (phase == .handshake && tls?.wantsToWrite == true) }
}
