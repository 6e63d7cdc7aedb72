internal import Captive
internal import Foundation

/// When one router is to be compared with the books: at first, after a restart, after it could not be reached, and now
/// and then. A pure state machine.
struct RouterRounds {
    /// Seconds between comparisons; each wait is up to a quarter shorter, so that routers are not asked in step.
    let interval: TimeInterval
    private(set) var due = Date.distantPast
    private var startedAt: Date?

    /// Seconds by which two reckonings of the same start may differ: a router tells whole seconds, and answers late.
    private static let slack: TimeInterval = 5

    init(interval: TimeInterval) { self.interval = interval }

    /// True if a comparison is due, of a router that said at `now` how long it has run.
    mutating func isDue(uptime: Int?, now: Date) -> Bool {
        let start = uptime.map { now.addingTimeInterval(-Double($0)) }
        let restarted = start.map { $0.timeIntervalSince(startedAt ?? $0) > Self.slack } ?? true
        if startedAt == nil || restarted { startedAt = start }
        if restarted { due = .distantPast }
        return now >= due
    }

    /// `chance`: 0 to 1, drawn anew for each call.
    mutating func compared(at now: Date, chance: Double) { due = now.addingTimeInterval(interval * (1 - chance / 4)) }

    mutating func failed() { due = .distantPast }
}
