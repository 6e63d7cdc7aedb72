internal import Captive
internal import Foundation

/// When one router is to be compared with the books: at first, after a restart, after it could not be reached, and now
/// and then. A pure state machine.
struct RouterRounds {
    /// Seconds between comparisons; each wait is up to a quarter shorter, so that routers are not asked in step.
    let interval: TimeInterval
    private(set) var due = Date.distantPast
    private var startedAt: Date?
    private var lastUptime = 0

    /// Seconds by which two reckonings of the same start may differ: a router tells whole seconds, and answers late.
    private static let slack: TimeInterval = 5

    init(interval: TimeInterval) { self.interval = interval }

    /// True if a comparison is due, of a router that said at `now` how long it has run.
    mutating func isDue(uptime: Int?, now: Date) -> Bool {
        let start = uptime.map { now.addingTimeInterval(-Double($0)) }
        // A start that was earlier than it seemed is a clock that was set back: what was reckoned by it counts no more.
        let isOther = start.map { abs($0.timeIntervalSince(startedAt ?? $0)) > Self.slack } ?? true
        if startedAt == nil || isOther { startedAt = start }
        if isOther || uptime ?? 0 < lastUptime { due = .distantPast }
        lastUptime = uptime ?? 0
        return now >= due
    }

    /// `chance`: 0 to 1, drawn anew for each call.
    mutating func compared(at now: Date, chance: Double) { due = now.addingTimeInterval(interval * (1 - chance / 4)) }

    mutating func failed() { due = .distantPast }
}
