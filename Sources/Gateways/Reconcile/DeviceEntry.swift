internal import Captive
internal import Foundation
internal import NetworkAddress

/// A device whose router is to be brought to its desired state, and what the attempts have shown.
struct DeviceEntry: Sendable {
    /// Attempts at the access of each session; nil as key stands for a revocation.
    private(set) var attempts: [UUID?: Attempt] = [:]
    /// The program was started after the device was marked: earlier attempts are unknown.
    var isOld = false
    /// A comparison has found that the router differs for this client. Good until `suspectUntil`.
    private(set) var suspect: GatewayClient?
    private(set) var suspectUntil = Date.distantPast

    struct Attempt: Sendable {
        /// Where the device was to be authorized; nil for a revocation.
        var client: GatewayClient?
        /// Attempts so far.
        var count = 0
        /// The next one is due then.
        var due = Date.distantPast
        var error: GatewayError?
        /// When the router first answered that it does not see the device.
        var notSeenSince: Date?
        /// The router may hold a part of it. False while the router does not know the pair of addresses.
        var mayHaveBegun = false
        /// The router refuses it, but it is tried again: the session has been active, or is to end.
        var isStalled = false
    }

    mutating func suspect(_ client: GatewayClient, until: Date) { (suspect, suspectUntil) = (client, until) }

    func isSuspect(at now: Date) -> Bool { suspect != nil && now < suspectUntil }

    /// Guests wait for devices that were marked; the others are tried when there is nothing else to do.
    var isBackground: Bool { suspect != nil || attempts.values.contains(where: \.isStalled) }

    /// When each attempt may be made again.
    var notBefore: [UUID?: Date] { attempts.mapValues(\.due) }

    /// Whether the router may hold a part of an attempt.
    var mayHaveBegun: Bool { isOld || attempts.values.contains(where: \.mayHaveBegun) }

    /// Records a failed attempt at `client` and returns it.
    mutating func fail(_ id: UUID?, _ error: GatewayError, client: GatewayClient? = nil, at now: Date) -> Attempt {
        var attempt = attempts[id] ?? Attempt()
        attempt.client = client
        attempt.count += 1
        attempt.error = error
        attempt.notSeenSince = error == .deviceNotSeen ? attempt.notSeenSince ?? now : nil
        if error != .deviceMismatch, error != .deviceNotSeen { attempt.mayHaveBegun = true }
        attempts[id] = attempt
        return attempt
    }

    /// The attempt is made again at `due`.
    mutating func delay(_ id: UUID?, until due: Date, isStalled: Bool) {
        attempts[id]?.due = due
        attempts[id]?.isStalled = isStalled
    }

    /// Earlier attempts of a session at another address do not count for its present one.
    mutating func forgetEarlierAddresses(of state: DeviceState) {
        for session in state.sessions {
            guard let attempt = attempts[session.id] else { continue }
            let client = session.client.mac == state.device.mac ? session.client : session.move?.client
            if attempt.client != client { attempts[session.id] = Attempt(mayHaveBegun: attempt.mayHaveBegun) }
        }
    }

    /// A wait that is longer than any was set before the clock was set back.
    mutating func forgetDistantDelays(at now: Date) {
        for (id, attempt) in attempts where attempt.due.timeIntervalSince(now) > DeviceQueue.longestWait {
            attempts[id]?.due = now
        }
    }

    /// The router has done what was asked.
    mutating func succeed() { (attempts, suspect) = ([:], nil) }

    /// The session is decided, its attempts do not count any more.
    mutating func forget(_ id: UUID?) { attempts[id] = nil }
}
