/// The rule that a zone file ends with: what holds every year after its table (RFC 9636 section 3.3; POSIX `TZ`).
struct POSIXRule: Sendable, Equatable {
    /// Seconds ahead of UTC.
    var standardOffset: Int
    /// Nil if clocks are never changed.
    var daylight: DaylightRule?

    /// The part of the year with another offset, which may begin in one year and end in the next.
    struct DaylightRule: Sendable, Equatable {
        var offset: Int
        var start: Boundary
        var end: Boundary
    }

    /// When clocks are changed: a day of the year, and seconds from its midnight, as clocks show them until then.
    struct Boundary: Sendable, Equatable {
        var day: Day
        var time: Int
    }

    /// A day of every year.
    enum Day: Sendable, Equatable {
        /// 1 to 365; 29 February is never counted.
        case julian(Int)
        /// 0 to 365; 29 February is counted.
        case ordinal(Int)
        /// The `week`th (5: the last) such weekday, 0 for Sunday, of a month.
        case weekday(month: Int, week: Int, weekday: Int)
    }

    /// The changes of a year, in order.
    func changes(in year: Int) -> [ZoneRules.Transition] {
        guard let daylight else { return [] }
        let start = ZoneRules.Transition(
            at: daylight.start.localTime(in: year) - standardOffset, offset: daylight.offset)
        let end = ZoneRules.Transition(at: daylight.end.localTime(in: year) - daylight.offset, offset: standardOffset)
        return start.at < end.at ? [start, end] : [end, start]
    }
}

extension POSIXRule.Boundary {
    /// Seconds since 1970 as clocks show them.
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
