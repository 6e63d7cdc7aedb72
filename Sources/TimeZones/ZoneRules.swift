/// What clocks show in one zone: the offsets from UTC, and when they change.
package struct ZoneRules: Sendable, Equatable {
    /// From `at` (seconds since 1970, UTC) on, clocks are `offset` seconds ahead of UTC.
    struct Transition: Sendable, Equatable {
        var at: Int
        var offset: Int
    }

    /// Seconds ahead of UTC before the first transition.
    let initialOffset: Int
    /// Oldest first.
    let transitions: [Transition]
    /// What holds after the last transition; nil if its offset stays for ever.
    let tail: POSIXRule?

    /// No zone is, or changes by, as much as this: two days, in seconds.
    private static let reach = 172_800

    /// Seconds ahead of UTC at a moment, in seconds since 1970.
    package func offset(at moment: Int) -> Int {
        changes(from: moment, to: moment).before
    }

    /// The day that calendars show at a moment.
    package func day(at moment: Int) -> CivilDate {
        CivilDate(number: CivilDate.floor(moment + offset(at: moment), 86_400))
    }

    /// The first moment at which clocks show `local` (seconds since 1970 as if they were UTC) or, if they never show
    /// it, the first after the time they leave out.
    package func firstInstant(atLocal local: Int) -> Int {
        let near = changes(from: local - Self.reach, to: local + Self.reach)
        var (start, offset) = (local - Self.reach, near.before)
        for change in near.within {
            let moment = max(start, local - offset)
            if moment < change.at { return moment }
            (start, offset) = (change.at, change.offset)
        }
        return max(start, local - offset)
    }

    /// The offset at `start`, and the changes after it until `end`.
    private func changes(from start: Int, to end: Int) -> (before: Int, within: [Transition]) {
        var before = initialOffset
        var within: [Transition] = []
        if let last = transitions.lastIndex(before: start) { before = transitions[last].offset }
        let following = transitions.lastIndex(before: start).map { $0 + 1 } ?? 0
        within += transitions[following...].prefix { $0.at <= end }
        for change in repeated(around: start, end) {
            if change.at <= start { before = change.offset } else if change.at <= end { within.append(change) }
        }
        return (before, within)
    }

    /// The tail's changes in the years of `start` and `end` and those next to them, as far as the table has ended.
    private func repeated(around start: Int, _ end: Int) -> [Transition] {
        guard let tail, end >= transitions.last?.at ?? Int.min else { return [] }
        let years = CivilDate(number: CivilDate.floor(start, 86_400)).year - 1
        let last = CivilDate(number: CivilDate.floor(end, 86_400)).year + 1
        let changes = (years...last).flatMap(tail.changes(in:)).filter { $0.at > transitions.last?.at ?? Int.min }
        return changes.isEmpty
            ? [Transition(at: transitions.last?.at ?? Int.min, offset: tail.standardOffset)] : changes
    }
}

extension [ZoneRules.Transition] {
    /// The last transition that is not after `moment`; nil if all are.
    fileprivate func lastIndex(before moment: Int) -> Int? {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle].at <= moment { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : low - 1
    }
}
