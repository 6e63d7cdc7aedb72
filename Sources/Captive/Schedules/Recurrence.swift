package import Foundation
import NetworkAddress
package import TimeZones

/// When a schedule runs: days, local time, and time zone.
package struct Recurrence: Sendable, Equatable {
    package let kind: Kind
    /// 0 for Sunday to 6 for Saturday. Required for `weekly`; stored and ignored for the other kinds.
    package let dayOfWeek: Int?
    /// 1 to 31; in a shorter month, its last day. Required for `monthly`; stored and ignored for the other kinds.
    package let dayOfMonth: Int?
    package let timeOfDay: TimeOfDay
    /// IANA name, such as `Australia/Sydney`.
    package let timeZone: String

    /// The days on which a schedule runs.
    package enum Kind: String, Sendable, CaseIterable {
        case daily, weekly, monthly
    }

    package static let dayOfWeekRange = 0...6
    package static let dayOfMonthRange = 1...31

    /// Returns nil if the day that `kind` requires is missing, or a day is out of range.
    package init?(
        _ kind: Kind, dayOfWeek: Int? = nil, dayOfMonth: Int? = nil, at timeOfDay: TimeOfDay = .default,
        in timeZone: String
    ) {
        guard dayOfWeek.map(Self.dayOfWeekRange.contains) ?? (kind != .weekly),
            dayOfMonth.map(Self.dayOfMonthRange.contains) ?? (kind != .monthly)
        else { return nil }
        self.kind = kind
        self.dayOfWeek = dayOfWeek
        self.dayOfMonth = dayOfMonth
        self.timeOfDay = timeOfDay
        self.timeZone = timeZone
    }

    /// The first time after `moment`, by the rules of `timeZone`.
    ///
    /// For a local time that does not exist (skipped by daylight saving time, or a whole day where the date line
    /// moved), the run is at the first moment after it. For a local time that occurs twice, it is at the first
    /// occurrence.
    package func next(after moment: Date, by rules: ZoneRules) -> Date {
        let second = Int(saturating: moment.timeIntervalSince1970.rounded(.down))
        // Starts two days earlier, because a whole local day may not exist.
        var number = rules.day(at: second).number - 2
        while true {
            let day = CivilDate(number: number)
            let next = rules.firstInstant(atLocal: number * 86_400 + timeOfDay.minutes * 60)
            if falls(on: day), next > second { return Date(timeIntervalSince1970: TimeInterval(next)) }
            number += 1
        }
    }

    private func falls(on day: CivilDate) -> Bool {
        switch kind {
        case .daily: true
        case .weekly: day.weekday == dayOfWeek
        case .monthly: day.day == min(dayOfMonth ?? 1, day.daysInMonth)
        }
    }
}

/// A local time, to the minute.
package struct TimeOfDay: Sendable, Hashable {
    /// Minutes since midnight, 0 to 1439.
    package let minutes: Int

    /// 08:00.
    package static let `default` = TimeOfDay(trusted: 8 * 60)

    package init?(minutes: Int) {
        guard (0..<1440).contains(minutes) else { return nil }
        self.minutes = minutes
    }

    /// Parses `HH:MM`, 00:00 to 23:59.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2,
            parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let hour = Int(parts[0], in: 0...23), let minute = Int(parts[1], in: 0...59)
        else { return nil }
        minutes = hour * 60 + minute
    }

    private init(trusted minutes: Int) { self.minutes = minutes }
}

extension TimeOfDay: CustomStringConvertible {
    /// `HH:MM`.
    package var description: String { Self.digits(minutes / 60) + ":" + Self.digits(minutes % 60) }

    private static func digits(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
}
