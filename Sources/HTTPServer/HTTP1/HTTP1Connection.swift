/// One client's HTTP/1 conversation as a state machine: fed bytes and a clock, it says what to do. No I/O.
///
/// The driver shows it the bytes that it did not take before, followed by what came since.
struct HTTP1Connection {
    enum Action {
        /// Nothing to do until more bytes come or the response is finished.
        case wait
        /// A whole request; answer it, then call `responseFinished`.
        case respond(RequestHead, body: [UInt8])
        /// Write `100 (Continue)`.
        case sendContinue
        /// Answer with this status and close.
        case refuse(Status, path: String?)
        /// Close without an answer.
        case close
    }

    private enum Phase { case head, body, responding, closed }

    private let limits: Server.Limits
    private var phase = Phase.head
    private var scanner = HeadScanner()
    private var head: RequestHead?
    private var body: BodyReader?
    private var requests = 0
    private var hasBegun = false
    private var maySkipEmptyLine = true
    private var isDraining = false
    private var hasEnded = false
    /// When the wait that the phase is in becomes too long.
    private var deadline: MonotonicTime

    init(limits: Server.Limits, now: MonotonicTime) {
        self.limits = limits
        deadline = now + limits.headerTime
    }

    /// Whether the connection goes on after the response to the present request.
    var keepsAlive: Bool {
        guard let head else { return false }
        return head.keepsAlive && !isDraining && !hasEnded && requests < limits.requestsPerConnection
    }

    /// Whether the client would keep the connection.
    var clientKeepsAlive: Bool { head?.keepsAlive ?? true }
    /// Of the present request.
    var isHead: Bool { head?.method == .head }
    var isHTTP11: Bool { head?.isHTTP11 ?? true }

    var isResponding: Bool { phase == .responding }
    /// True between requests, when nobody would miss the connection.
    var isIdle: Bool { phase == .head && !hasBegun }

    /// Judges `bytes` and returns how many of them it took. Asks `bodyLimit` when a request has content.
    mutating func next(
        _ bytes: UnsafeRawBufferPointer, now: MonotonicTime, bodyLimit: (Method, String) -> Int
    ) -> (taken: Int, action: Action) {
        do throws(Refusal) {
            switch phase {
            case .head: return try nextHead(bytes, now, bodyLimit)
            case .body: return try nextBody(bytes, now)
            case .responding, .closed: return (0, .wait)
            }
        } catch {
            return (0, refuse(error.status, path: error.path))
        }
    }

    /// The response is written; the next request may come.
    mutating func responseFinished(now: MonotonicTime) {
        guard keepsAlive else {
            phase = .closed
            return
        }
        (phase, scanner, head, body) = (.head, HeadScanner(), nil, nil)
        (hasBegun, maySkipEmptyLine) = (false, true)
        deadline = now + limits.idleTime
    }

    /// The client sends no more. A response under way is still wanted.
    mutating func ended() -> Action {
        hasEnded = true
        switch phase {
        case .head where !hasBegun: return .close
        case .head, .body: return refuse(.badRequest)
        case .responding: return .wait
        case .closed: return .close
        }
    }

    /// The response under way is the last.
    mutating func finish() { isDraining = true }

    /// From now on each response is the last. Says whether to close at once.
    mutating func drain() -> Action {
        isDraining = true
        return isIdle ? .close : .wait
    }

    /// Looks at the clock: too slow a head or body is 408, an idle connection is closed.
    mutating func tick(now: MonotonicTime) -> Action {
        switch phase {
        case .head where now >= deadline: return hasBegun ? refuse(.requestTimeout) : .close
        case .body where now >= deadline || body?.isTooSlow(now, limits) == true: return refuse(.requestTimeout)
        case .head, .body, .responding, .closed: return .wait
        }
    }

    private mutating func refuse(_ status: Status, path: String? = nil) -> Action {
        phase = .closed
        return .refuse(status, path: head?.path ?? path)
    }
}

extension HTTP1Connection {
    private mutating func nextHead(
        _ bytes: UnsafeRawBufferPointer, _ now: MonotonicTime, _ bodyLimit: (Method, String) -> Int
    ) throws(Refusal) -> (taken: Int, action: Action) {
        guard let first = bytes.first else { return (0, .wait) }
        begin(now)
        // One empty line before a request is forgiven (RFC 9112 section 2.2).
        if first == .cr, maySkipEmptyLine {
            guard bytes.count > 1 else { return (0, .wait) }
            guard bytes[1] == .lf else { throw .malformed }
            maySkipEmptyLine = false
            let (taken, action) = try nextHead(UnsafeRawBufferPointer(rebasing: bytes[2...]), now, bodyLimit)
            return (taken + 2, action)
        }
        // What is no method is no HTTP, a TLS hello for one: no need to wait for a line's end.
        guard first.isToken else { throw .malformed }
        guard let length = try scanner.headLength(in: bytes, limits: limits) else { return (0, .wait) }
        let head = try RequestHead([UInt8](bytes[..<length]))
        self.head = head
        requests += 1
        return (length, try begin(head, now, hasMore: bytes.count > length, bodyLimit))
    }

    private mutating func begin(_ now: MonotonicTime) {
        guard !hasBegun else { return }
        hasBegun = true
        if requests > 0 { deadline = now + limits.headerTime }
    }

    private mutating func begin(
        _ head: RequestHead, _ now: MonotonicTime, hasMore: Bool, _ bodyLimit: (Method, String) -> Int
    ) throws(Refusal) -> Action {
        guard head.framing != .none, head.framing != .length(0) else {
            phase = .responding
            return .respond(head, body: [])
        }
        let reader = BodyReader(head.framing, limit: bodyLimit(head.method, head.path), now: now)
        try reader.judgeLength()
        (body, phase) = (reader, .body)
        deadline = now + limits.bodyTime
        return head.expectsContinue && !hasMore ? .sendContinue : .wait
    }

    private mutating func nextBody(
        _ bytes: UnsafeRawBufferPointer, _ now: MonotonicTime
    ) throws(Refusal) -> (taken: Int, action: Action) {
        guard let head, body != nil else { return (0, .wait) }
        let taken = try body?.read(bytes, limits) ?? 0
        guard let content = body?.finished() else { return (taken, .wait) }
        (body, phase) = (nil, .responding)
        return (taken, .respond(head, body: content))
    }
}
