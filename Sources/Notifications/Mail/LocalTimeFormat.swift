import Foundation
import NetworkAddress

/// Formats a time in the venue's time zone.
enum LocalTimeFormat {
    /// Such as `Thursday, 30 October 2025, 16:00 (Australia/Sydney, GMT+11)`; in UTC if the zone is unknown.
    static func text(_ date: Date, in timeZone: String) -> String {
        let zone = TimeZone(identifier: timeZone) ?? .gmt
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = zone
        format.dateFormat = "EEEE, d MMMM yyyy, HH:mm"
        let name = TimeZone(identifier: timeZone) == nil ? "UTC" : timeZone
        return "\(format.string(from: date)) (\(name)\(offset(zone.secondsFromGMT(for: date))))"
    }

    private static func offset(_ seconds: Int) -> String {
        guard seconds != 0 else { return "" }
        let (hours, minutes) = (abs(seconds) / 3_600, abs(seconds) / 60 % 60)
        let tail = minutes == 0 ? "" : ":" + (minutes < 10 ? "0" : "") + "\(minutes)"
        return ", GMT\(seconds < 0 ? "-" : "+")\(hours)\(tail)"
    }
}

/// Formats a duration in words.
enum TimeSpan {
    /// Such as `1 day 8 hours`; whole minutes, at least one.
    static func text(from start: Date, to end: Date) -> String {
        let minutes = max(1, Int(saturating: (end.timeIntervalSince(start) / 60).rounded()))
        let parts = [(minutes / 1_440, "day"), (minutes / 60 % 24, "hour"), (minutes % 60, "minute")]
        return parts.filter { $0.0 > 0 }.map { "\($0) \($1)\($0 == 1 ? "" : "s")" }.joined(separator: " ")
    }
}
