/// The server side of an HTTP/1 connection as a state machine: receives bytes and times, returns actions. Performs no
/// I/O.
///
/// The driver passes the bytes not consumed before, followed by those received since.
struct HTTP1StateMachine {
    enum Action {
        /// Nothing to do until more bytes arrive or the response is finished.
        case wait
        /// Respond to a complete request, then call `responseFinished`.
        case respond(RequestHead, body: [UInt8])
        /// Write `100 (Continue)`.
        case sendContinue
        /// Respond with this status and close.
        case refuse(Status, path: String?)
        /// Close without a response.
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
    /// When the current phase times out.
    private var deadline: MonotonicTime

    init(limits: Server.Limits, now: MonotonicTime) {
        self.limits = limits
        deadline = now + limits.headerTime
    }

    /// Whether the connection stays open after the response to the current request.
    var keepsAlive: Bool {
        guard let head else { return false }
        return head.keepsAlive && !isDraining && !hasEnded && requests < limits.requestsPerConnection
    }

    /// Whether the client's request allows the connection to stay open.
    var clientKeepsAlive: Bool { head?.keepsAlive ?? true }
    /// Whether the current request is a HEAD request.
    var isHead: Bool { head?.method == .head }
    var isHTTP11: Bool { head?.isHTTP11 ?? true }

    var isResponding: Bool { phase == .responding }
    /// True between requests.
    var isIdle: Bool { phase == .head && !hasBegun }

    /// Parses `bytes`; returns the number of consumed bytes and an action. Calls `bodyLimit` if a request has content.
    mutating func next(
        _ bytes: UnsafeRawBufferPointer, now: MonotonicTime, bodyLimit: (Method, String) -> Int
    ) -> (taken: Int, action: Action) {
        do throws(RequestError) {
            switch phase {
            case .head: return try nextHead(bytes, now, bodyLimit)
            case .body: return try nextBody(bytes, now)
            case .responding, .closed: return (0, .wait)
            }
        } catch {
            return (0, refuse(error.status, path: error.path))
        }
    }

    /// Call after the response is written; the next request may follow.
    mutating func responseFinished(now: MonotonicTime) {
        guard keepsAlive else {
            phase = .closed
            return
        }
        (phase, scanner, head, body) = (.head, HeadScanner(), nil, nil)
        (hasBegun, maySkipEmptyLine) = (false, true)
        deadline = now + limits.idleTime
    }

    /// Call when the client has closed its sending side. It still receives a response in progress.
    mutating func ended() -> Action {
        hasEnded = true
        switch phase {
        case .head where !hasBegun: return .close
        case .head, .body: return refuse(.badRequest)
        case .responding: return .wait
        case .closed: return .close
        }
    }

    /// Makes the response in progress the last.
    mutating func finish() { isDraining = true }

    /// Makes the next response the last. Returns `.close` if the connection is idle.
    mutating func drain() -> Action {
        isDraining = true
        return isIdle ? .close : .wait
    }

    /// Checks timeouts: 408 for a slow head or body; closes an idle connection.
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

extension HTTP1StateMachine {
    private mutating func nextHead(
        _ bytes: UnsafeRawBufferPointer, _ now: MonotonicTime, _ bodyLimit: (Method, String) -> Int
    ) throws(RequestError) -> (taken: Int, action: Action) {
        guard let first = bytes.first else { return (0, .wait) }
        begin(now)
        // One empty line before a request is skipped (RFC 9112 section 2.2).
        if first == .cr, maySkipEmptyLine {
            guard bytes.count > 1 else { return (0, .wait) }
            guard bytes[1] == .lf else { throw .malformed }
            maySkipEmptyLine = false
            let (taken, action) = try nextHead(UnsafeRawBufferPointer(rebasing: bytes[2...]), now, bodyLimit)
            return (taken + 2, action)
        }
        // If the first byte cannot start a method (e.g. a TLS ClientHello), refuse now instead of waiting for a line
        // end.
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
    ) throws(RequestError) -> Action {
        guard head.framing != .none, head.framing != .length(0) else {
            phase = .responding
            return .respond(head, body: [])
        }
        let reader = BodyReader(head.framing, limit: bodyLimit(head.method, head.path), now: now)
        try reader.checkLength()
        (body, phase) = (reader, .body)
        deadline = now + limits.bodyTime
        return head.expectsContinue && !hasMore ? .sendContinue : .wait
    }

    private mutating func nextBody(
        _ bytes: UnsafeRawBufferPointer, _ now: MonotonicTime
    ) throws(RequestError) -> (taken: Int, action: Action) {
        guard let head, body != nil else { return (0, .wait) }
        let taken = try body?.read(bytes, limits) ?? 0
        guard let content = body?.finished() else { return (taken, .wait) }
        (body, phase) = (nil, .responding)
        return (taken, .respond(head, body: content))
    }
}
