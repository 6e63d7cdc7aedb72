internal import Captive
internal import Foundation

/// The consequence of a failed attempt.
enum RetryDecision: Equatable {
    /// Repeats the attempt after this many seconds; other devices continue. `isStalled`: whether the router has refused
    /// it.
    case retry(after: TimeInterval, isStalled: Bool = false)
    /// The router is the cause: it is not called for this many seconds.
    case pauseRouter(for: TimeInterval)
    /// The attempt will never succeed; the reason is stored.
    case refuse(reason: String)
}

/// Decides when failed attempts are repeated.
struct RetryPolicy: Sendable {
    /// Seconds to wait for a device to appear on the router.
    var patienceForDevice: TimeInterval = 60
    /// Maximum seconds between attempts for a device whose session was active and that the router does not see or
    /// refuses.
    var absenceRetry: TimeInterval = 10
    /// The same for a device that a comparison has found, and for a revocation. Most devices that a router does not see
    /// are away, and return through the portal.
    var longestAbsence: TimeInterval = 60
    var firstRetry: TimeInterval = 0.25
    var longestRetry: TimeInterval = 10
    /// Seconds. A failing router is called at most once a second, and its recovery is noticed within 10 s, which
    /// exceeds the longest pause plus the time of a call that times out.
    var shortestPause: TimeInterval = 1.34
    var longestPause: TimeInterval = 5

    /// The subject of an attempt.
    enum Subject {
        /// A new session or a move, which can be refused.
        case request
        /// An active session, which a failure of its router does not end.
        case activeSession
        case revocation
        /// A device that a comparison has found.
        case suspect
    }

    /// - Parameters:
    ///   - attempt: the number of attempts at the subject, including the failed one.
    ///   - routerFailures: consecutive failures of the router, including this one.
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
        Backoff(first: first, longest: longest).wait(after: failures, chance: chance)
    }
}
