internal import Captive
internal import HTTPClient
internal import Synchronization

/// One logged-in connection to a router's API and its running commands. Callable from any task.
final class APIConnection: Sendable {
    typealias Outcome = Result<APISession.Answer, RouterOSFault>

    private struct Waiter {
        var continuation: CheckedContinuation<Outcome?, Never>
        var timer: Task<Void, Never>?
    }

    private struct State {
        var session: APISession
        var wire: Connection?
        var waiting: [Int: Waiter] = [:]
        /// Commands that wait for the login.
        var unsent: [(number: Int, bytes: [UInt8])] = []
        /// A response did not arrive in time. Running commands may finish; new ones use another connection.
        var isRetired = false
        var isConnected = false
        var hasLoggedIn = false
        /// Why the connection ended.
        var end: RouterOSFault?

        var isOver: Bool { end != nil }
    }

    private let state: Mutex<State>

    /// Starts connecting.
    init(_ access: RouterOSEndpoint, http: HTTPClient, timeout: Duration) {
        state = Mutex(State(session: APISession(name: access.name, password: access.password)))
        let wire = http.connect(to: access.wireURL, timeout: timeout, trust: access.trust, admits: access.admits) {
            [weak self] event in
            self?.take(event)
        }
        // The connection may already be open or closed.
        state.withLock { state in
            guard !state.isOver else { return }
            state.wire = wire
            if state.isConnected { wire.send(state.session.greeting) }
        }
    }

    /// The number of running commands; nil if the connection takes no more.
    var load: Int? { state.withLock { $0.isRetired || $0.isOver ? nil : $0.waiting.count } }

    /// Sends `words` and returns the response, with only `fields` of its rows, or the fault, after at most `time`.
    /// Returns nil if the connection had worked and was lost before the call: a new connection may work.
    func call(
        _ words: [String], _ fields: [String], atMost limit: RouterOSAnswerLimit, within time: Duration
    ) async -> Outcome? {
        let number = Mutex<Int?>(nil)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let begun = begin(continuation) { $0.begin(words, fields: Set(fields), atMost: limit) }
                number.withLock { $0 = begun }
                guard let begun else { return }
                setTimer(begun, time)
                if Task.isCancelled { giveUp(begun, .indeterminate(.unreachable("the call was cancelled"))) }
            }
        } onCancel: {
            if let begun = number.withLock({ $0 }) {
                giveUp(begun, .indeterminate(.unreachable("the call was cancelled")))
            }
        }
    }

    /// Starts a command. If the connection has ended, resumes the continuation and returns nil.
    private func begin(
        _ continuation: CheckedContinuation<Outcome?, Never>,
        _ begin: (inout APISession) -> (number: Int, bytes: [UInt8])
    ) -> Int? {
        let (begun, reason): (Int?, Outcome?) = state.withLock { state in
            if let end = state.end { return (nil, state.hasLoggedIn ? nil : .failure(end)) }
            let (number, bytes) = begin(&state.session)
            state.waiting[number] = Waiter(continuation: continuation)
            if state.session.isOpen {
                state.wire?.send(bytes)
            } else {
                state.unsent.append((number, bytes))
            }
            return (number, nil)
        }
        if begun == nil { continuation.resume(returning: reason) }
        return begun
    }

    private func setTimer(_ number: Int, _ limit: Duration) {
        let timer = Task { [weak self] in
            guard (try? await Task.sleep(for: limit)) != nil else { return }
            self?.giveUp(number, .indeterminate(.unreachable(RouterOSFault.noAnswer)))
        }
        let isSet = state.withLock { state in
            state.waiting[number]?.timer = timer
            return state.waiting[number] != nil
        }
        if !isSet { timer.cancel() }
    }

    /// Resumes the caller with a fault. The connection takes no more commands and closes when it is released.
    private func giveUp(_ number: Int, _ fault: RouterOSFault) {
        let (waiter, wasSent) = state.withLock { state in
            let waiter = state.waiting.removeValue(forKey: number)
            let unsent = state.unsent.firstIndex { $0.number == number }
            if let unsent { state.unsent.remove(at: unsent) }
            state.session.abandon(number)
            if waiter != nil { state.isRetired = true }
            return (waiter, unsent == nil)
        }
        waiter?.timer?.cancel()
        waiter?.continuation.resume(returning: .failure(wasSent ? fault : .definite(fault.error)))
    }

    // Called on the HTTP client's thread.
    private func take(_ event: Connection.Event) {
        switch event {
        case .opened:
            state.withLock { state in
                state.isConnected = true
                state.wire?.send(state.session.greeting)
            }
        case .received(let bytes): take(bytes)
        case .closed(let error): end { RouterOSFault(connection: error, wasSent: $0) }
        }
    }

    private func take(_ bytes: [UInt8]) {
        for action in state.withLock({ $0.session.receive(bytes) }) {
            switch action {
            case .send(let bytes): state.withLock { $0.wire?.send(bytes) }
            case .loggedIn: sendWaiting()
            case .answered(let number, let answer): finish(number, answer)
            case .givenUp(let number): giveUp(number, .tooLong)
            case .end(let reason): end { RouterOSFault(reason, wasSent: $0) }
            }
        }
    }

    private func sendWaiting() {
        state.withLock { state in
            state.hasLoggedIn = true
            for (_, bytes) in state.unsent { state.wire?.send(bytes) }
            state.unsent = []
        }
    }

    private func finish(_ number: Int, _ answer: APISession.Answer) {
        let waiter = state.withLock { $0.waiting.removeValue(forKey: number) }
        waiter?.timer?.cancel()
        waiter?.continuation.resume(returning: .success(answer))
    }

    /// Resumes all waiting callers. `fault`: receives whether the command had been sent.
    private func end(_ fault: (Bool) -> RouterOSFault) {
        let (waiting, unsent, wire) = state.withLock { state in
            defer { (state.waiting, state.unsent, state.wire, state.end) = ([:], [], nil, state.end ?? fault(false)) }
            return (state.waiting, Set(state.unsent.map(\.number)), state.wire)
        }
        for (number, waiter) in waiting {
            waiter.timer?.cancel()
            waiter.continuation.resume(returning: .failure(fault(!unsent.contains(number))))
        }
        wire?.close()
    }
}

extension RouterOSEndpoint {
    /// The API's address as a URL for the HTTP client, which uses TLS for the scheme `https`.
    fileprivate var wireURL: String {
        let isSecure = scheme == "api-ssl"
        return "\(isSecure ? "https" : "http")://\(authority)\(hasPort ? "" : isSecure ? ":8729" : ":8728")"
    }
}
