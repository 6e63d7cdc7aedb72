internal import Captive
internal import Foundation

/// Decides when to compare one router with the database: at first, after a restart, after an outage, and at an
/// interval. A pure state machine.
struct RouterRounds {
    /// Seconds between comparisons; each wait is up to a quarter shorter, so that the comparisons of routers do not
    /// coincide.
    let interval: TimeInterval
    private(set) var due = Date.distantPast
    private var startedAt: Date?
    private var lastUptime = 0

    /// Maximum seconds by which two computations of the same start may differ: a router reports whole seconds, and
    /// responds with a delay.
    private static let tolerance: TimeInterval = 5

    init(interval: TimeInterval) { self.interval = interval }

    /// Returns true if a comparison is due for a router that reported `uptime` at `now`.
    mutating func isDue(uptime: Int?, now: Date) -> Bool {
        let start = uptime.map { now.addingTimeInterval(-Double($0)) }
        // A start that is earlier than before means that the clock was set back: times computed with it are discarded.
        let isOther = start.map { abs($0.timeIntervalSince(startedAt ?? $0)) > Self.tolerance } ?? true
        if startedAt == nil || isOther { startedAt = start }
        if isOther || uptime ?? 0 < lastUptime { due = .distantPast }
        lastUptime = uptime ?? 0
        return now >= due
    }

    /// `chance`: a random number from 0 to 1.
    mutating func compared(at now: Date, chance: Double) { due = now.addingTimeInterval(interval * (1 - chance / 4)) }

    mutating func failed() { due = .distantPast }
}
