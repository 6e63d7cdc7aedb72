extension POSIXRule {
    /// Parses a rule such as `CET-1CEST,M3.5.0,M10.5.0/3`; returns nil if it is malformed. As in POSIX, offsets west of
    /// UTC are positive.
    init?(_ text: Substring) {
        var reader = RuleReader(rest: text)
        guard reader.skipName(), let standard = reader.readTime(upTo: 24) else { return nil }
        standardOffset = -standard
        daylight = nil
        guard !reader.rest.isEmpty else { return }
        guard reader.skipName() else { return nil }
        var offset = standardOffset + 3_600
        if reader.rest.first != "," {
            guard let given = reader.readTime(upTo: 24) else { return nil }
            offset = -given
        }
        guard let start = reader.readBoundary(), let end = reader.readBoundary(), reader.rest.isEmpty else {
            return nil
        }
        daylight = DaylightRule(offset: offset, start: start, end: end)
    }
}

/// Reads the parts of a rule from the start of its text.
private struct RuleReader {
    var rest: Substring

    /// Skips a zone's abbreviation: letters, or any text in angle brackets.
    mutating func skipName() -> Bool {
        let before = rest.count
        if rest.first == "<" {
            guard let end = rest.firstIndex(of: ">") else { return false }
            rest = rest[rest.index(after: end)...]
        } else {
            rest = rest.drop { $0.isASCII && $0.isLetter }
        }
        return before - rest.count >= 3
    }

    /// Reads `[+-]hh[:mm[:ss]]` as seconds.
    mutating func readTime(upTo hours: Int) -> Int? {
        let sign = rest.first == "-" ? -1 : 1
        if rest.first == "-" || rest.first == "+" { rest.removeFirst() }
        guard var seconds = readNumber(0...hours).map({ $0 * 3_600 }) else { return nil }
        for unit in [60, 1] where rest.first == ":" {
            rest.removeFirst()
            guard let number = readNumber(0...59) else { return nil }
            seconds += number * unit
        }
        return sign * seconds
    }

    /// Reads `,date[/time]`; the time defaults to 02:00.
    mutating func readBoundary() -> POSIXRule.Boundary? {
        guard rest.popFirst() == ",", let day = readDay() else { return nil }
        guard rest.first == "/" else { return POSIXRule.Boundary(day: day, time: 7_200) }
        rest.removeFirst()
        return readTime(upTo: 167).map { POSIXRule.Boundary(day: day, time: $0) }
    }

    private mutating func readDay() -> POSIXRule.Day? {
        switch rest.first {
        case "J":
            rest.removeFirst()
            return readNumber(1...365).map { .julian($0) }
        case "M":
            rest.removeFirst()
            guard let month = readNumber(1...12), rest.popFirst() == ".", let week = readNumber(1...5),
                rest.popFirst() == ".", let weekday = readNumber(0...6)
            else { return nil }
            return .weekday(month: month, week: week, weekday: weekday)
        default: return readNumber(0...365).map { .ordinal($0) }
        }
    }

    private mutating func readNumber(_ range: ClosedRange<Int>) -> Int? {
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        // Safe because the number of digits and the range are bounded.
        guard digits.utf8.count <= 3, let number = Int(digits), range.contains(number) else { return nil }
        rest = rest[digits.endIndex...]
        return number
    }
}
