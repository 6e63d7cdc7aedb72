internal import Captive
internal import Foundation
internal import NetworkAddress

/// A device whose router has to be brought to its desired state, and the results of the attempts.
struct DeviceEntry: Sendable {
    /// The attempts for the access of each session; the key nil stands for a revocation.
    private(set) var attempts: [UUID?: Attempt] = [:]
    /// Whether the device was marked before the program started: earlier attempts are unknown.
    var isOld = false
    /// The client for which a comparison has found that the router differs. Valid until `suspectUntil`.
    private(set) var suspect: GatewayClient?
    private(set) var suspectUntil = Date.distantPast

    struct Attempt: Sendable {
        /// The client to authorize; nil for a revocation.
        var client: GatewayClient?
        /// The number of attempts.
        var count = 0
        /// When the next attempt is due.
        var due = Date.distantPast
        /// When the router first reported that it does not see the device.
        var notSeenSince: Date?
        /// Whether the router may hold a part of the access. False while the router does not know the pair of
        /// addresses.
        var mayHaveBegun = false
        /// Whether the router refuses the attempt, which is repeated because the session has been active, or has to
        /// end.
        var isStalled = false
    }

    mutating func suspect(_ client: GatewayClient, until: Date) { (suspect, suspectUntil) = (client, until) }

    func isSuspect(at now: Date) -> Bool { suspect != nil && now < suspectUntil }

    /// Whether the device is tried only when no other is ready. Guests wait for marked devices.
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
        attempt.notSeenSince = error == .deviceNotSeen ? attempt.notSeenSince ?? now : nil
        if error != .deviceMismatch, error != .deviceNotSeen { attempt.mayHaveBegun = true }
        attempts[id] = attempt
        return attempt
    }

    /// Sets the time of the next attempt to `due`.
    mutating func delay(_ id: UUID?, until due: Date, isStalled: Bool) {
        attempts[id]?.due = due
        attempts[id]?.isStalled = isStalled
    }

    /// Removes the attempts of a session at earlier addresses, which do not count for its present one.
    mutating func forgetEarlierAddresses(of state: DeviceState) {
        for session in state.sessions {
            guard let attempt = attempts[session.id] else { continue }
            let client = session.client.mac == state.device.mac ? session.client : session.move?.client
            if attempt.client != client { attempts[session.id] = Attempt(mayHaveBegun: attempt.mayHaveBegun) }
        }
    }

    /// Removes waits that are longer than any possible wait: they were set before the clock was set back.
    mutating func forgetDistantDelays(at now: Date) {
        for (id, attempt) in attempts where attempt.due.timeIntervalSince(now) > DeviceQueue.longestWait {
            attempts[id]?.due = now
        }
    }

    /// The router has carried out what was requested.
    mutating func succeed() { (attempts, suspect) = ([:], nil) }

    /// The session is decided, so its attempts do not count any more.
    mutating func forget(_ id: UUID?) { attempts[id] = nil }
}
