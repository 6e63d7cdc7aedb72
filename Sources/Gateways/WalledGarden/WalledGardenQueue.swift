internal import Captive
internal import Foundation

/// Schedules the reconciliation of sites' walled gardens: at once after a change, with back-off while the router fails,
/// and at a fixed interval otherwise. Each site is reconciled at most once per second.
///
/// A pure state machine without a clock.
struct WalledGardenQueue {
    private struct Entry {
        var due: Date
        var startedAt = Date.distantPast
        var failures = 0
        var isRunning = false
        /// Whether the walled garden has changed since the last start.
        var isStale = false

        mutating func moveUp(_ now: Date) { due = min(due, max(now, startedAt.addingTimeInterval(1))) }
    }

    private var entries: [UUID: Entry] = [:]
    private let interval: TimeInterval

    /// The number of concurrent reconciliations, and of those for failing routers, whose calls run until their
    /// deadlines.
    private static let limit = 32
    private static let failingLimit = 16
    /// Seconds. The longest pause plus the time of a call without a response is less than 15 s.
    private static let pause = Backoff(first: 1.34, longest: 8)

    /// Whether any reconciliation is running.
    var isBusy: Bool { entries.values.contains(where: \.isRunning) }

    /// `interval`: seconds between reconciliations without a known change.
    init(interval: TimeInterval) { self.interval = interval }

    /// Schedules a site whose desired walled garden has changed, or whose router may have lost it.
    mutating func enqueue(_ site: UUID, at now: Date) {
        var entry = entries[site] ?? Entry(due: now)
        if entry.isRunning { entry.isStale = true } else { entry.moveUp(now) }
        entries[site] = entry
    }

    /// Sets the sites with a router. New ones are due now; those that are missing are removed.
    mutating func setSites(_ sites: Set<UUID>, at now: Date) {
        entries = entries.filter { sites.contains($0.key) || $0.value.isRunning }
        for site in sites where entries[site] == nil { entries[site] = Entry(due: now) }
    }

    /// Returns the sites to reconcile now, the longest due first. They count as running until `finish`.
    mutating func start(at now: Date) -> [UUID] {
        let running = entries.values.filter(\.isRunning)
        var slots = Self.limit - running.count
        var failingSlots = Self.failingLimit - running.filter { $0.failures > 0 }.count
        let due = entries.filter { !$0.value.isRunning && $0.value.due <= now }
        // Sites whose router works come first.
        let order = due.sorted {
            ($0.value.failures > 0 ? 1 : 0, $0.value.due) < ($1.value.failures > 0 ? 1 : 0, $1.value.due)
        }
        return order.compactMap { site, entry in
            guard slots > 0, entry.failures == 0 || failingSlots > 0 else { return nil }
            slots -= 1
            if entry.failures > 0 { failingSlots -= 1 }
            entries[site]?.isRunning = true
            entries[site]?.isStale = false
            entries[site]?.startedAt = now
            return site
        }
    }

    /// `failed`: whether the router lacks the desired state. `chance`: a random number from 0 to 1, as jitter that
    /// avoids synchronised retries.
    mutating func finish(_ site: UUID, failed: Bool, at now: Date, chance: Double) {
        guard var entry = entries[site] else { return }
        entry.isRunning = false
        entry.failures = failed ? entry.failures + 1 : 0
        let wait = failed ? Self.pause.wait(after: entry.failures, chance: chance) : interval * (1 - chance / 4)
        entry.due = now.addingTimeInterval(wait)
        if entry.isStale { entry.moveUp(now) }
        entries[site] = entry
    }

    /// Removes a site that turned out to have no router.
    mutating func remove(_ site: UUID, at now: Date) {
        let isStale = entries[site]?.isStale == true
        entries[site] = nil
        if isStale { enqueue(site, at: now) }
    }
}
