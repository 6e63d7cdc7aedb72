internal import CLinux
internal import Glibc
internal import NetworkAddress

/// One client's socket. Moves bytes between it and the HTTP/1 state machine and executes the machine's actions.
///
/// `@unchecked Sendable`: Safe because it is used on its loop's thread only; the tasks of its requests prefer that
/// loop, and `complete` checks it.
final class Connection: EventHandler, @unchecked Sendable {
    enum Phase { case proxyHeader, handshake, open, lingering, closed }

    /// How the connection ends once all output is sent.
    enum Ending {
        /// The client asked to close and sends no more.
        case close
        /// Half-close and drain: closing with unread bytes makes the kernel send a reset, which can discard the
        /// response before the client reads it (RFC 9112 section 9.6).
        case linger
    }

    let descriptor: Int32
    let worker: Worker
    var peer: IPAddress
    var isSecure: Bool
    var phase: Phase
    var http: HTTP1StateMachine
    var tls: TLSSession?
    /// Received, but not consumed by the state machine or the PROXY header.
    var unparsed: [UInt8] = []
    /// The route of the request whose content is being read.
    var match: Router.Match?
    var unsent = WriteQueue()
    var ending: Ending?
    /// The client has closed its sending side.
    var hasEnded = false
    /// Deadline of the handshake, of an unsent response or of the drain.
    var deadline: MonotonicTime
    var task: Task<Void, Never>?
    private var interest: UInt32?
    /// The client for which the connection is counted; nil for a proxy.
    private var admitted: IPAddress?
    /// Whether the connection is counted as refused.
    private var isRefused = false
    /// Whether the running handler only waits; see `Request.whileReplaceable`.
    private(set) var isReplaceable = false
    /// Managed by the worker's `waiting`.
    var waitingEntry: WaitingConnections.Entry?

    /// How long a closing connection is drained.
    static let lingerTime = Duration.seconds(2)
    /// Maximum number of bytes pipelined after the request that is being answered.
    static let largestPipeline = 16 << 10

    init(_ descriptor: Int32, peer: IPAddress, worker: Worker, tls context: TLSContext?, requiresProxyHeader: Bool) {
        (self.descriptor, self.peer, self.worker) = (descriptor, peer, worker)
        let now = worker.loop.now
        http = HTTP1StateMachine(limits: worker.limits, now: now)
        deadline = now + worker.limits.handshakeTime
        tls = context?.makeSession(for: descriptor)
        isSecure = tls != nil
        phase = requiresProxyHeader ? .proxyHeader : (tls == nil ? .open : .handshake)
    }

    /// Starts by reading at once: TCP_DEFER_ACCEPT delivers connections on which data has arrived.
    func begin() {
        if phase == .proxyHeader {
            guard worker.isTrusted(peer) else { return close() }
        } else if !worker.isTrusted(peer), !admit() {
            return
        }
        guard worker.makeRoom(for: admitted) else { return reject() }
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
        case .open where !unsent.isEmpty:
            if now >= deadline { reset() }
        case .open:
            perform(http.tick(now: now))
            flush()
            updateInterest()
        case .closed: break
        }
    }

    /// Makes the response in progress the last.
    func drain() {
        guard phase == .open, ending == nil else { return }
        perform(http.drain())
    }

    /// Counts the connection against its client's share. If the share is used up, closes the client's connections that
    /// have waited longest, on this loop or another; if none is waiting, refuses the connection and returns false.
    func admit() -> Bool {
        let client = peer.countedAs
        if !worker.connections.admit(client) {
            if !worker.waiting.closeOldest(of: client) {
                guard worker.connections.admitAboveShare(client) else {
                    reject()
                    return false
                }
                worker.connections.requestRoom(of: client)
            } else if !worker.connections.admit(client) {
                // The share has shrunk since: close two connections for one new one.
                _ = worker.waiting.closeOldest(of: client)
                worker.connections.replace(client)
            }
        }
        admitted = client
        return true
    }

    /// Marks the connection as waiting for its client, so that it may be closed when there are too many connections.
    func wait() { if phase != .closed { worker.waiting.add(self, of: admitted) } }

    /// Marks the connection of a running handler as waiting, or as busy again.
    func setReplaceable(_ isReplaceable: Bool) {
        // A task that outlives its loop is on another thread.
        guard worker.loop.isCurrent, phase == .open else { return }
        self.isReplaceable = isReplaceable
        if isReplaceable, hasEnded { return close() }
        if isReplaceable { wait() } else { worker.waiting.remove(self) }
    }

    /// Refuses the connection because there are too many: sends 503, or resets the connection if it cannot be sent yet
    /// or enough refused connections are open.
    private func reject() {
        guard phase == .open, worker.connections.beginRefusal() else { return reset() }
        isRefused = true
        perform(.refuse(.serviceUnavailable, path: nil))
        flush()
        updateInterest()
        wait()
    }

    func close() {
        guard phase != .closed else { return }
        phase = .closed
        worker.waiting.remove(self)
        waitingEntry = nil
        task?.cancel()
        worker.loop.unwatch(descriptor)
        tls = nil
        Glibc.close(descriptor)
        (unparsed, unsent) = ([], WriteQueue())
        if let admitted { worker.connections.release(admitted) }
        if isRefused { worker.connections.endRefusal() }
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

    /// False while a response is unsent, or while a handler runs and enough requests are pipelined after it. TCP flow
    /// control then slows the client down.
    var wantsToRead: Bool {
        switch phase {
        case .proxyHeader, .lingering: true
        case .handshake: tls?.wantsToWrite == false
        case .open:
            !hasEnded && unsent.isEmpty && ending == nil
                && !(http.isResponding && unparsed.count >= Connection.largestPipeline)
        case .closed: false
        }
    }

    private var wantsToWrite: Bool { !unsent.isEmpty || (phase == .handshake && tls?.wantsToWrite == true) }
}
