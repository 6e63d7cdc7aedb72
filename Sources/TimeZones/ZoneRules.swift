/// The offsets of a zone from UTC, and when they change.
package struct ZoneRules: Sendable, Equatable {
    /// From `at` (seconds since 1970, UTC) on, local time is `offset` seconds ahead of UTC.
    struct Transition: Sendable, Equatable {
        var at: Int
        var offset: Int
    }

    /// Offset before the first transition, in seconds ahead of UTC.
    let initialOffset: Int
    /// Oldest first.
    let transitions: [Transition]
    /// The rule after the last transition; nil if its offset remains.
    let tail: POSIXRule?

    /// Two days in seconds: more than any zone's offset and any change of it.
    private static let reach = 172_800

    /// The offset in seconds ahead of UTC at `moment`, which is in seconds since 1970.
    package func offset(at moment: Int) -> Int {
        changes(from: moment, to: moment).before
    }

    /// The local date at `moment`, which is in seconds since 1970.
    package func day(at moment: Int) -> CivilDate {
        CivilDate(number: CivilDate.floor(moment + offset(at: moment), 86_400))
    }

    /// The first instant at which the local time is `local` (in seconds since 1970, as if it were UTC). If `local` is
    /// skipped by a change of the offset, the instant of that change.
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

    /// The offset at `start`, and the changes after `start` up to `end`.
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

    /// The changes by the tail rule from the year before `start` to the year after `end`, as far as they follow the
    /// table.
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
    /// The index of the last transition at or before `moment`; nil if there is none.
    fileprivate func lastIndex(before moment: Int) -> Int? {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle].at <= moment { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : low - 1
    }
}
