/// The grammatical number of a count: CLDR's cardinal plural rules for whole numbers
/// (https://unicode.org/reports/tr35/tr35-numbers.html#Language_Plural_Rules) in the shipped languages.
///
/// Counts are days, hours, minutes and seconds, so the rules for counts of a million and more are omitted.
package enum PluralCategory: String, Sendable, CaseIterable {
    case zero, one, two, few, many, other

    /// Uses the rule of English for a language without a rule of its own.
    package init(of count: Int, in tag: String) {
        switch tag.prefix(while: { $0 != "-" }) {
        case "ar": self = Self.arabic(count)
        case "he": self = count == 1 ? .one : count == 2 ? .two : .other
        case "pl": self = Self.polish(count)
        case "ru", "uk", "be": self = Self.eastSlavic(count)
        case "cs", "sk": self = count == 1 ? .one : (2...4).contains(count) ? .few : .other
        case "fr", "pt": self = count < 2 ? .one : .other
        case "zh", "ja", "ko", "vi", "th", "id", "ms": self = .other
        default: self = count == 1 ? .one : .other
        }
    }

    /// The categories of whole numbers in a language.
    package static func all(in tag: String) -> Set<PluralCategory> {
        Set((0...200).map { PluralCategory(of: $0, in: tag) })
    }

    private static func arabic(_ count: Int) -> PluralCategory {
        switch (count, count % 100) {
        case (0, _): .zero
        case (1, _): .one
        case (2, _): .two
        case (_, 3...10): .few
        case (_, 11...99): .many
        default: .other
        }
    }

    private static func polish(_ count: Int) -> PluralCategory {
        count == 1 ? .one : isFew(count) ? .few : .many
    }

    private static func eastSlavic(_ count: Int) -> PluralCategory {
        if count % 10 == 1, count % 100 != 11 { return .one }
        return isFew(count) ? .few : .many
    }

    private static func isFew(_ count: Int) -> Bool {
        (2...4).contains(count % 10) && !(12...14).contains(count % 100)
    }
}
