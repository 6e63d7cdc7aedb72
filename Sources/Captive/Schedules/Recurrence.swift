package import Foundation
import NetworkAddress
package import TimeZones

/// When coupons are made: on which days, and at what time by the clocks of which zone.
package struct Recurrence: Sendable, Equatable {
    package let kind: Kind
    /// 0 for Sunday to 6 for Saturday. There for `weekly`; without meaning, and kept, for the others.
    package let dayOfWeek: Int?
    /// 1 to 31; beyond a month's end it is its last day. There for `monthly`; without meaning,
    /// and kept, for the others.
    package let dayOfMonth: Int?
    package let timeOfDay: TimeOfDay
    /// IANA name, such as `Australia/Sydney`.
    package let timeZone: String

    /// Which days.
    package enum Kind: String, Sendable, CaseIterable {
        case daily, weekly, monthly
    }

    package static let dayOfWeekRange = 0...6
    package static let dayOfMonthRange = 1...31

    /// Nil if the day that its kind needs is missing, or a day is out of its range.
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
    /// A time that clocks leave out (the hour that daylight saving skips, or a whole day where the date line moved) is
    /// the first moment after it; one that they show twice is its first.
    package func next(after moment: Date, by rules: ZoneRules) -> Date {
        let second = Int(saturating: moment.timeIntervalSince1970.rounded(.down))
        // Two days back, since a whole day may have been left out.
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

/// A time as a clock shows it, to the minute.
package struct TimeOfDay: Sendable, Hashable {
    /// Since midnight, 0 to 1439.
    package let minutes: Int

    /// Eight o'clock in the morning.
    package static let `default` = TimeOfDay(trusted: 8 * 60)

    package init?(minutes: Int) {
        guard (0..<1440).contains(minutes) else { return nil }
        self.minutes = minutes
    }

    /// Reads `HH:MM`, 00:00 to 23:59.
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
