/// The rule at the end of a zone file, which applies to all years after its table (RFC 9636 section 3.3; POSIX `TZ`).
struct POSIXRule: Sendable, Equatable {
    /// Offset of standard time in seconds east of UTC.
    var standardOffset: Int
    /// nil if the zone has no daylight saving time.
    var daylight: DaylightRule?

    /// Daylight saving time: the part of the year with another offset. It may end in the next calendar year.
    struct DaylightRule: Sendable, Equatable {
        var offset: Int
        var start: Boundary
        var end: Boundary
    }

    /// When the offset changes: a day of the year, and seconds after midnight in the local time before the change.
    struct Boundary: Sendable, Equatable {
        var day: Day
        var time: Int
    }

    /// A day of every year.
    enum Day: Sendable, Equatable {
        /// 1 to 365; 29 February is not counted.
        case julian(Int)
        /// 0 to 365; 29 February is counted.
        case ordinal(Int)
        /// The `week`th occurrence (5: the last) of a weekday (0: Sunday) in a month.
        case weekday(month: Int, week: Int, weekday: Int)
    }

    /// The offset changes of a year, in order.
    func changes(in year: Int) -> [ZoneRules.Transition] {
        guard let daylight else { return [] }
        let start = ZoneRules.Transition(
            at: daylight.start.localTime(in: year) - standardOffset, offset: daylight.offset)
        let end = ZoneRules.Transition(at: daylight.end.localTime(in: year) - daylight.offset, offset: standardOffset)
        return start.at < end.at ? [start, end] : [end, start]
    }
}

extension POSIXRule.Boundary {
    /// Local time in seconds since 1970.
    fileprivate func localTime(in year: Int) -> Int { day.number(in: year) * 86_400 + time }
}

extension POSIXRule.Day {
    /// Days since 1970.
    fileprivate func number(in year: Int) -> Int {
        let newYear = CivilDate(year: year, month: 1)
        switch self {
        case .julian(let day): return newYear.number + day - (newYear.isLeapYear && day >= 60 ? 0 : 1)
        case .ordinal(let day): return newYear.number + day
        case .weekday(let month, let week, let weekday):
            let first = CivilDate(year: year, month: month)
            let day = (weekday - first.weekday + 7) % 7 + (week - 1) * 7
            return first.number + (day < first.daysInMonth ? day : day - 7)
        }
    }
}
