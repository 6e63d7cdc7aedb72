package import Foundation
import NetworkAddress
import TimeZones

/// Texts for durations and end times.
///
/// Does not use ICU's formatters, whose data is larger than the whole program; 24-hour clock throughout.
package struct TimeLeft: Sendable {
    let language: Language

    package init(language: Language) { self.language = language }

    /// "2 days 3 hours", "3 hours 20 minutes", "12 minutes", "less than a minute": two units at most, rounded down.
    package func duration(seconds: Int) -> String {
        let minutes = seconds / 60
        switch minutes {
        case ..<1: return language.message("duration.under")
        case ..<60: return language.count("minutes", minutes)
        case ..<1440: return pair(("hours", minutes / 60), ("minutes", minutes % 60))
        default: return pair(("days", minutes / 1440), ("hours", minutes % 1440 / 60))
        }
    }

    /// Returns how long to wait: in seconds up to a minute, then in minutes, rounded up so that a guest does not return
    /// too early.
    package func wait(seconds: Int) -> String {
        seconds <= 60
            ? language.count("seconds", max(seconds, 1)) : language.count("minutes", (seconds + 59) / 60)
    }

    /// Returns "Until 18:30", "Until tomorrow, 09:00" or "Until 2026-12-05, 09:00", in `timeZone`.
    package func until(_ end: Date, now: Date, timeZone: TimeZone) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = timeZone
        let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute], from: end)
        let time = Self.digits(parts.hour) + ":" + Self.digits(parts.minute)
        let days = calendar.dateComponents(
            [.day], from: calendar.startOfDay(for: now), to: calendar.startOfDay(for: end))
        switch days.day {
        case 0: return language.message("online.endsToday", ["time": time])
        case 1: return language.message("online.endsTomorrow", ["time": time])
        default:
            return language.message(
                "online.endsLater", ["date": date(parts.year ?? 0, parts.month ?? 0, parts.day ?? 0), "time": time])
        }
    }

    /// Returns a time at `offset` seconds ahead of UTC, formatted by the message `key`.
    package func moment(_ key: String, _ moment: Date, offset: Int) -> String {
        let minutes = (Int(saturating: moment.timeIntervalSince1970.rounded(.down)) + offset) / 60
        let day = CivilDate(number: minutes / 1440)
        let time = Self.digits(minutes % 1440 / 60) + ":" + Self.digits(minutes % 60)
        return language.message(key, ["date": date(day.year, day.month, day.day), "time": time])
    }

    private func date(_ year: Int, _ month: Int, _ day: Int) -> String {
        var text = language.messages["date"] ?? "{year}-{month}-{day}"
        let values = ["year": String(year), "month": Self.digits(month), "day": Self.digits(day)]
        for (name, value) in values { text = text.replacing("{\(name)}", with: value) }
        return text
    }

    private func pair(_ first: (String, Int), _ second: (String, Int)) -> String {
        let large = language.count(first.0, first.1)
        guard second.1 > 0 else { return large }
        let small = language.count(second.0, second.1)
        let text = language.messages["duration.two"] ?? "{first} {second}"
        return text.replacing("{first}", with: large).replacing("{second}", with: small)
    }

    private static func digits(_ value: Int?) -> String {
        let value = value ?? 0
        return value < 10 ? "0\(value)" : String(value)
    }
}
