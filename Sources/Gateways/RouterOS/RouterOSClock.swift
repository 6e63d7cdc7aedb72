internal import Foundation

/// A router's clock as `/system/clock` shows it: local date and time, and how far they are ahead of UTC.
enum RouterOSClock {
    /// Nil for a row that shows no date. Dates are `2026-11-21` from RouterOS 7.10 on, `nov/21/2026` before.
    static func date(in row: RouterOSRow) -> Date? {
        guard let day = row["date"].flatMap(day(in:)), let time = row["time"].flatMap(seconds(in:)) else { return nil }
        let offset = row["gmt-offset"].flatMap(offset(in:)) ?? 0
        return Date(timeIntervalSince1970: day + Double(time - offset))
    }

    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

    /// Seconds since 1970 at which the day began in UTC.
    private static func day(in text: String) -> TimeInterval? {
        var parts = text.lowercased().split(whereSeparator: { $0 == "-" || $0 == "/" }).map(String.init)
        guard parts.count == 3 else { return nil }
        if let month = months.firstIndex(of: parts[0]) { parts = [parts[2], String(month + 1), parts[1]] }
        let numbers = parts.compactMap { Int($0) }
        guard numbers.count == 3 else { return nil }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let components = DateComponents(year: numbers[0], month: numbers[1], day: numbers[2])
        guard components.isValidDate(in: calendar) else { return nil }
        return calendar.date(from: components)?.timeIntervalSince1970
    }

    /// `07:15:13`.
    private static func seconds(in text: String) -> Int? {
        let parts = text.split(separator: ":").compactMap { Int($0) }
        return parts.count == 3 ? parts[0] * 3_600 + parts[1] * 60 + parts[2] : nil
    }

    /// `+05:30`, `-03:00`.
    private static func offset(in text: String) -> Int? {
        let parts = text.drop { $0 == "+" || $0 == "-" }.split(separator: ":").compactMap { Int($0) }
        guard parts.count >= 2 else { return nil }
        return (parts[0] * 3_600 + parts[1] * 60) * (text.hasPrefix("-") ? -1 : 1)
    }
}
