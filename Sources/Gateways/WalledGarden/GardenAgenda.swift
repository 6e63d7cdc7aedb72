internal import Foundation

/// Which sites' walled gardens are to be seen to, and when: at once after a change, again and again while the router
/// fails, and now and then although nothing is known to have changed. No router is asked twice within a second.
///
/// A pure state machine: it is told what has happened and what time it is.
struct GardenAgenda {
    private struct Entry {
        var due: Date
        var startedAt = Date.distantPast
        var failures = 0
        var isRunning = false
        /// Something has changed since the last start.
        var isStale = false

        mutating func hasten(_ now: Date) { due = min(due, max(now, startedAt.addingTimeInterval(1))) }
    }

    private var entries: [UUID: Entry] = [:]
    private let interval: TimeInterval

    /// Sites seen to at a time, and how many of them may be ones whose router fails: those wait for their deadlines.
    private static let width = 32
    private static let failingWidth = 16
    /// Seconds. The longest pause and the time of a call that hangs stay below the 15 s in which a garden is in place.
    private static let firstPause: TimeInterval = 1.34
    private static let longestPause: TimeInterval = 8

    /// Whether any site is under way.
    var isBusy: Bool { entries.values.contains(where: \.isRunning) }

    /// `interval`: seconds after which a garden is looked at although nothing is known to have changed.
    init(interval: TimeInterval) { self.interval = interval }

    /// The site's garden may have to be another one, or its router may have lost it.
    mutating func attend(_ site: UUID, at now: Date) {
        var entry = entries[site] ?? Entry(due: now)
        if entry.isRunning { entry.isStale = true } else { entry.hasten(now) }
        entries[site] = entry
    }

    /// These sites have a router: new ones are due now, others stay as they are,
    /// and who is not among them is forgotten.
    mutating func know(_ sites: Set<UUID>, at now: Date) {
        entries = entries.filter { sites.contains($0.key) || $0.value.isRunning }
        for site in sites where entries[site] == nil { entries[site] = Entry(due: now) }
    }

    /// The sites to see to now, the longest due first; they are under way until `finish` is called for them.
    mutating func start(at now: Date) -> [UUID] {
        let running = entries.values.filter(\.isRunning)
        var places = Self.width - running.count
        var failingPlaces = Self.failingWidth - running.filter { $0.failures > 0 }.count
        let due = entries.filter { !$0.value.isRunning && $0.value.due <= now }
        // Those whose router works go first.
        let order = due.sorted {
            ($0.value.failures > 0 ? 1 : 0, $0.value.due) < ($1.value.failures > 0 ? 1 : 0, $1.value.due)
        }
        return order.compactMap { site, entry in
            guard places > 0, entry.failures == 0 || failingPlaces > 0 else { return nil }
            places -= 1
            if entry.failures > 0 { failingPlaces -= 1 }
            entries[site]?.isRunning = true
            entries[site]?.isStale = false
            entries[site]?.startedAt = now
            return site
        }
    }

    /// `failed`: the router does not have what it should. `chance`: 0 to 1, drawn anew for each call, so that sites do
    /// not come due in step.
    mutating func finish(_ site: UUID, failed: Bool, at now: Date, chance: Double) {
        guard var entry = entries[site] else { return }
        entry.isRunning = false
        entry.failures = failed ? entry.failures + 1 : 0
        entry.due = now.addingTimeInterval((failed ? Self.pause(after: entry.failures) : interval) * (1 - chance / 4))
        if entry.isStale { entry.hasten(now) }
        entries[site] = entry
    }

    /// The site had no router when it was looked at.
    mutating func forget(_ site: UUID, at now: Date) {
        let isStale = entries[site]?.isStale == true
        entries[site] = nil
        if isStale { attend(site, at: now) }
    }

    private static func pause(after failures: Int) -> TimeInterval {
        min(firstPause * Double(1 << min(failures - 1, 8)), longestPause)
    }
}
