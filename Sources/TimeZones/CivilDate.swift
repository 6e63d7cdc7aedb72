/// A day of the proleptic Gregorian calendar (ISO 8601).
package struct CivilDate: Sendable, Hashable {
    package let year: Int
    /// 1 to 12.
    package let month: Int
    /// 1 to 31.
    package let day: Int

    /// Days since 1970-01-01; negative before it.
    package let number: Int

    /// The day `number` days after 1970-01-01. Computes with years that begin in March, so that a leap day is the last
    /// day of its year, and with eras of 400 years, which have 146,097 days each.
    package init(number: Int) {
        let shifted = number + 719_468
        let era = Self.floor(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        self.number = number
    }

    /// The first day of a month.
    package init(year: Int, month: Int) {
        let (marchYear, monthFromMarch) = month <= 2 ? (year - 1, month + 9) : (year, month - 3)
        let era = Self.floor(marchYear, 400)
        let yearOfEra = marchYear - era * 400
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + (153 * monthFromMarch + 2) / 5
        number = era * 146_097 + dayOfEra - 719_468
        (self.year, self.month, day) = (year, month, 1)
    }

    /// 0 for Sunday to 6 for Saturday.
    package var weekday: Int { number + 4 - 7 * Self.floor(number + 4, 7) }

    /// 28 to 31.
    package var daysInMonth: Int {
        switch month {
        case 2: isLeapYear ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    package var isLeapYear: Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    /// Division that rounds toward negative infinity.
    static func floor(_ dividend: Int, _ divisor: Int) -> Int {
        dividend / divisor - (dividend % divisor < 0 ? 1 : 0)
    }
}
