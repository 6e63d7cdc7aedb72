internal import Foundation
internal import NetworkAddress

/// A router's clock as `/system/clock` prints it: local date and time, and their offset from UTC.
enum RouterOSClock {
    static let fields = ["date", "time", "gmt-offset"]

    /// Returns nil for a date outside 1970 to 9999, an invalid time of day, or an offset that no time zone has. Dates
    /// are `2026-11-21` from RouterOS 7.10 on, and `nov/21/2026` before.
    static func date(in row: RouterOSRow) -> Date? {
        guard let day = row["date"].flatMap(day(in:)), let time = row["time"].flatMap(seconds(in:)) else { return nil }
        guard let text = row["gmt-offset"] else { return Date(timeIntervalSince1970: day + Double(time)) }
        return offset(in: text).map { Date(timeIntervalSince1970: day + Double(time - $0)) }
    }

    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

    /// Seconds from 1970 to the start of the day in UTC.
    private static func day(in text: String) -> TimeInterval? {
        var parts = text.lowercased().split(whereSeparator: { $0 == "-" || $0 == "/" }).map(String.init)
        guard parts.count == 3 else { return nil }
        if let month = months.firstIndex(of: parts[0]) { parts = [parts[2], String(month + 1), parts[1]] }
        guard let year = Int(parts[0], in: 1970...9_999), let month = Int(parts[1], in: 1...12),
            let day = Int(parts[2], in: 1...31)
        else { return nil }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let components = DateComponents(year: year, month: month, day: day)
        guard components.isValidDate(in: calendar) else { return nil }
        return calendar.date(from: components)?.timeIntervalSince1970
    }

    /// Parses `07:15:13` into seconds since midnight.
    private static func seconds(in text: String) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let hours = Int(parts[0], in: 0...23), let minutes = Int(parts[1], in: 0...59),
            let seconds = Int(parts[2], in: 0...60)
        else { return nil }
        return hours * 3_600 + minutes * 60 + seconds
    }

    /// Parses `+05:30` or `-03:00` into seconds. Offsets are at most 14 hours.
    private static func offset(in text: String) -> Int? {
        let parts = text.drop { $0 == "+" || $0 == "-" }.split(separator: ":")
        guard parts.count >= 2, let hours = Int(parts[0], in: 0...14), let minutes = Int(parts[1], in: 0...59) else {
            return nil
        }
        return (hours * 3_600 + minutes * 60) * (text.hasPrefix("-") ? -1 : 1)
    }
}
