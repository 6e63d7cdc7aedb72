/// RouterOS's text form of a span of time, for example `1w2d3h4m5s`.
enum RouterOSDuration {
    /// Nil unless all of `text` is numbers with a unit; parts below a second count nothing.
    static func seconds(in text: String) -> Int? {
        guard !text.isEmpty else { return nil }
        var (total, number, unit) = (0, "", "")
        for character in text + " " {
            if character.isWholeNumber || character == " ", !unit.isEmpty {
                guard let count = Int(number), let size = sizes[unit] else { return nil }
                let (product, overflows) = count.multipliedReportingOverflow(by: size)
                guard !overflows, product < Int.max / 2 - total else { return nil }
                (total, number, unit) = (total + product, "", "")
            }
            if character.isWholeNumber { number.append(character) } else { unit.append(character) }
        }
        return number.isEmpty ? total : nil
    }

    private static let sizes = ["w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1, "ms": 0, "us": 0]
}
