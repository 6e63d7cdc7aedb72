internal import Captive
internal import Foundation

/// What follows from an attempt that failed.
enum RetryDecision: Equatable {
    /// The same attempt again after so many seconds; other devices go on. `isStalled`: the router has refused it.
    case retry(after: TimeInterval, isStalled: Bool = false)
    /// The router is at fault: it is not called for so many seconds.
    case pauseRouter(for: TimeInterval)
    /// The attempt will never succeed; the reason is stored.
    case refuse(reason: String)
}

/// When failed attempts are made again. Waits double from failure to failure and are shortened at random by up to a
/// quarter, so that portals and devices do not retry at the same moment.
struct RetryPolicy: Sendable {
    /// Seconds that a device may take to appear on the router.
    var patienceForDevice: TimeInterval = 60
    /// The longest wait for a device whose session was active and that the router does not see or refuses.
    var absenceRetry: TimeInterval = 10
    /// The same for a device that a comparison has found, and for a revocation. Most devices that a router does not see
    /// are away, and return by way of the portal.
    var longestAbsence: TimeInterval = 60
    var firstRetry: TimeInterval = 0.25
    var longestRetry: TimeInterval = 10
    /// A failing router is called at most once a second, and its recovery is noticed within 10 s: the longest pause and
    /// a call that times out stay below that together.
    var shortestPause: TimeInterval = 1.34
    var longestPause: TimeInterval = 5

    /// What is attempted.
    enum Subject {
        /// A new session, or a move: it can be refused.
        case request
        /// An active session, which is not ended by its router's fault.
        case activeSession
        case revocation
        /// What a comparison has found.
        case suspect
    }

    /// - Parameters:
    ///   - attempt: the attempts at the subject, the failed one included.
    ///   - routerFailures: failures of the router in a row, this one included.
    ///   - chance: a random number from 0 to 1.
    func decision(
        on error: GatewayError, at subject: Subject, _ attempt: DeviceEntry.Attempt, routerFailures: Int, now: Date,
        chance: Double
    ) -> RetryDecision {
        switch error {
        case .unreachable, .unauthorized, .forbidden, .misconfigured:
            return .pauseRouter(for: wait(shortestPause, longestPause, after: routerFailures, chance))
        case .busy, .full: return .retry(after: wait(firstRetry, longestRetry, after: attempt.count, chance))
        case .deviceNotSeen where subject == .suspect:
            return .retry(after: wait(absenceRetry, longestAbsence, after: attempt.count, chance))
        case .deviceNotSeen where now.timeIntervalSince(attempt.notSeenSince ?? now) < patienceForDevice:
            return .retry(after: wait(firstRetry, 2, after: attempt.count, chance))
        case .deviceNotSeen, .deviceMismatch, .refused, .unsupported:
            if subject == .request { return .refuse(reason: error.reason) }
            let longest = subject == .activeSession ? absenceRetry : longestAbsence
            return .retry(after: wait(firstRetry, longest, after: attempt.count, chance), isStalled: true)
        }
    }

    private func wait(_ first: TimeInterval, _ longest: TimeInterval, after failures: Int, _ chance: Double)
        -> TimeInterval
    {
        let doubled = first * Double(1 << min(max(failures - 1, 0), 16))
        return min(doubled, longest) * (1 - chance / 4)
    }
}
