internal import CLinux
internal import Glibc

/// Result of one read from a socket.
enum Reading {
    case bytes(Int)
    case wait
    case ended
    case failed
}

extension Connection {
    /// Reads in a row before the loop handles other connections.
    private static let readsAtOnce = 8

    func readable() {
        if phase == .proxyHeader { readProxyHeader() }
        if phase == .handshake { continueHandshake() }
        if phase == .open { readMessages() }
        if phase == .lingering { discard() }
    }

    private func read() -> Reading {
        let reading = tls?.read(into: worker.input) ?? receive(into: worker.input)
        if case .bytes(let count) = reading { worker.counters.bytesReceived.increment(by: count) }
        return reading
    }

    private func receive(into space: UnsafeMutableRawBufferPointer, peek: Bool = false) -> Reading {
        let count = clinux_receive(descriptor, space.baseAddress, space.count, peek ? 1 : 0)
        if count > 0 { return .bytes(count) }
        if count == 0 { return .ended }
        return count == -Int(EAGAIN) ? .wait : .failed
    }

    private func readMessages() {
        for _ in 0..<Connection.readsAtOnce where phase == .open && wantsToRead {
            switch read() {
            case .bytes(let count):
                take(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(worker.input)[..<count]))
                // A short read means that a plain socket is empty.
                if tls == nil, count < worker.input.count { return }
            case .wait: return
            case .ended: return end()
            case .failed: return close()
            }
        }
        resumeBuffered()
    }

    /// Continues reading if OpenSSL has buffered bytes, which epoll does not report.
    func resumeBuffered() {
        guard phase == .open, wantsToRead, tls?.hasBuffered == true else { return }
        worker.loop.execute { [self] in
            if phase == .open { readMessages() }
            updateInterest()
        }
    }

    private func end() {
        hasEnded = true
        // A client that sends no more is taken to have left.
        if isReplaceable { return close() }
        endIfAnswered()
    }

    /// Reports the end of the client's data to the state machine once all earlier requests are answered.
    func endIfAnswered() {
        guard hasEnded, phase == .open, ending == nil, unsent.isEmpty, !http.isResponding else { return }
        perform(http.ended())
        flush()
    }

    /// Passes the unparsed bytes and `bytes` to the state machine until it needs more bytes or a response is pending.
    func take(_ bytes: UnsafeRawBufferPointer) {
        guard !unparsed.isEmpty else { return keep(bytes[consume(bytes)...]) }
        var all = unparsed
        unparsed = []
        all.append(contentsOf: bytes)
        let taken = all.withUnsafeBytes { consume($0) }
        guard phase == .open, ending == nil else { return }
        unparsed = taken == 0 ? all : Array(all[taken...])
    }

    private func keep(_ rest: Slice<UnsafeRawBufferPointer>) {
        if phase == .open, ending == nil, !rest.isEmpty { unparsed = Array(rest) }
    }

    private func consume(_ bytes: UnsafeRawBufferPointer) -> Int {
        var offset = 0
        while phase == .open, ending == nil, unsent.isEmpty {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
            let (taken, action) = http.next(rest, now: worker.loop.now) { bodyLimit($0, $1) }
            offset += taken
            if case .wait = action {
                if taken == 0 { break }
            } else {
                perform(action)
            }
        }
        // The client asked to close but sent more.
        if ending == .close, offset < bytes.count { ending = .linger }
        flush()
        return offset
    }

    /// Finds the route of a request whose content follows.
    private func bodyLimit(_ method: Method, _ path: String) -> Int {
        let match = worker.responder.match(method, path)
        self.match = match
        guard case .found(let route, _) = match, route.bodyLimit > 0 else { return worker.responder.bodyLimit }
        return route.bodyLimit
    }

    private func discard() {
        for _ in 0..<Connection.readsAtOnce {
            switch receive(into: worker.input) {
            case .bytes: continue
            case .wait: return
            case .ended, .failed: return close()
            }
        }
    }
}

// PROXY header and TLS handshake.
extension Connection {
    private func continueHandshake() {
        switch tls?.handshake() {
        case .done:
            phase = .open
            http = HTTP1StateMachine(limits: worker.limits, now: worker.loop.now)
            if worker.isDraining { _ = http.drain() }
        case .wait: break
        case .failed, nil: close()
        }
    }

    private func readProxyHeader() {
        switch receive(into: worker.input, peek: true) {
        case .bytes(let count): parseProxyHeader(count)
        case .wait: break
        case .ended, .failed: close()
        }
    }

    /// Consumes exactly the header's bytes; the bytes after it may belong to TLS.
    private func parseProxyHeader(_ count: Int) {
        let before = unparsed.count
        unparsed.append(contentsOf: worker.input[..<count])
        switch ProxyHeader.read(unparsed) {
        case .incomplete: skip(count)
        case .invalid: close()
        case .header(let header, let length):
            unparsed = []
            skip(length - before)
            apply(header)
        }
    }

    private func skip(_ count: Int) { _ = clinux_receive(descriptor, worker.input.baseAddress, count, 0) }

    private func apply(_ header: ProxyHeader) {
        phase = tls == nil ? .open : .handshake
        isSecure = isSecure || header.isSecure
        guard let client = header.client else { return }
        peer = client
        if !worker.isTrusted(client), admit() { wait() }
    }
}
