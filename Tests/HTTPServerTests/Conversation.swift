@testable import HTTPServer

/// Drives a state machine and records its actions.
struct Conversation {
    var machine: HTTP1StateMachine
    var now = MonotonicTime(milliseconds: 1_000_000)
    var bodyLimit = 1024
    private(set) var events: [String] = []
    private var unparsed: [UInt8] = []

    init(limits: Server.Limits = Server.Limits()) {
        machine = HTTP1StateMachine(limits: limits, now: now)
    }

    /// Feeds `bytes` in pieces of `size` and finishes each response at once.
    mutating func feed(_ bytes: [UInt8], size: Int = .max) {
        var rest = bytes[...]
        while !rest.isEmpty {
            unparsed += rest.prefix(size)
            rest = rest.dropFirst(size)
            drain()
        }
    }

    mutating func feed(_ text: String) { feed(Array(text.utf8)) }

    mutating func advance(_ duration: Duration) {
        now = now + duration
        record(machine.tick(now: now))
    }

    mutating func end() { record(machine.ended()) }

    private mutating func drain() {
        while true {
            let (taken, action) = unparsed.withUnsafeBytes { bytes in
                machine.next(bytes, now: now) { [bodyLimit] _, _ in bodyLimit }
            }
            unparsed.removeFirst(taken)
            record(action)
            if case .wait = action, taken == 0 { return }
        }
    }

    private mutating func record(_ action: HTTP1StateMachine.Action) {
        switch action {
        case .wait: break
        case .sendContinue: events.append("100")
        case .close: events.append("close")
        case .refuse(let status, _): events.append("refuse \(status.rawValue)")
        case .respond(let head, let body):
            let host = head.authority.isEmpty ? "-" : head.authority
            let ending = machine.keepsAlive ? "keep" : "close"
            events.append("\(head.method) \(head.path) \(host) \(body.count) \(ending)")
            machine.responseFinished(now: now)
        }
    }
}
