internal import Captive
internal import Foundation

/// What a failed delivery means, and how long to wait before the next.
enum DeliveryVerdict: Equatable {
    /// This order again after so many seconds; others may go on.
    case retry(after: TimeInterval)
    /// The router is at fault: nothing is sent to it for so many seconds.
    case pauseRouter(for: TimeInterval)
    /// The books are at fault: this order again after so many seconds.
    case wait(TimeInterval)
    /// It will never work; the word is for the books.
    case giveUp(reason: String)
}

/// The rules of repetition. Waits double from failure to failure and are shortened at random by up to a quarter, so
/// that portals and orders do not knock in step.
struct DeliveryPace: Sendable {
    /// Seconds that a device may take to appear on the router.
    var patienceForDevice: TimeInterval = 60
    /// Seconds until it is looked again for a device that was let in before and has gone: it may come back as long as
    /// its session lasts.
    var absenceRetry: TimeInterval = 10
    /// The same for a repair after a while: most devices that a router does not see are away, and come by the portal if
    /// they are caught before it is looked again.
    var longestAbsence: TimeInterval = 60
    var firstRetry: TimeInterval = 0.25
    var longestRetry: TimeInterval = 10
    /// A failing router is asked at most once a second, and is noticed within 10 s of its being able: the longest pause
    /// and the time of a call that hangs stay below that together.
    var shortestPause: TimeInterval = 1.34
    var longestPause: TimeInterval = 5

    /// `failures`: of this order, or of the router, this one included. `chance`: 0 to 1, drawn anew for each call.
    func verdict(
        on error: GatewayError, entry: DeliveryEntry, routerFailures: Int, now: Date, chance: Double
    ) -> DeliveryVerdict {
        switch error {
        case .deviceMismatch, .refused, .unsupported:
            return entry.isStalled ? .retry(after: stall(entry, chance)) : .giveUp(reason: error.reason)
        case .unreachable, .unauthorized, .forbidden, .misconfigured:
            return .pauseRouter(for: wait(shortestPause, longestPause, after: routerFailures, chance))
        case .deviceNotSeen where entry.isRepair:
            return .retry(after: wait(absenceRetry, longestAbsence, after: entry.attempts, chance))
        case .deviceNotSeen where entry.isStalled: return .retry(after: stall(entry, chance))
        case .deviceNotSeen:
            let since = entry.notSeenSince ?? now
            guard now.timeIntervalSince(since) < patienceForDevice else { return .giveUp(reason: error.reason) }
            return .retry(after: wait(firstRetry, 2, after: entry.attempts, chance))
        case .busy, .full: return .retry(after: wait(firstRetry, longestRetry, after: entry.attempts, chance))
        }
    }

    /// Seconds until an order that stalls is tried again. A guest may wait for a stay; a device that is to be cut off
    /// is so by its time, where the router does it no sooner.
    func stall(_ entry: DeliveryEntry, _ chance: Double) -> TimeInterval {
        let longest = entry.order.kind == .revoke ? longestAbsence : absenceRetry
        return wait(firstRetry, longest, after: entry.attempts, chance)
    }

    private func wait(_ first: TimeInterval, _ longest: TimeInterval, after failures: Int, _ chance: Double)
        -> TimeInterval
    {
        let doubled = first * Double(1 << min(max(failures - 1, 0), 16))
        return min(doubled, longest) * (1 - chance / 4)
    }
}
