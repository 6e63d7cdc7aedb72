/// RouterOS's text forms of a span of time: `1w2d3h4m5s`, and `1w2d03:04:05` as older versions write it.
enum RouterOSDuration {
    /// Nil unless all of `text` is numbers with a unit; parts below a second count nothing.
    static func seconds(in text: String) -> Int? {
        guard !text.isEmpty else { return nil }
        if let colon = text.firstIndex(of: ":") { return clockSeconds(in: text, colon) }
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

    /// Hours, minutes and seconds with colons, behind weeks and days.
    private static func clockSeconds(in text: String, _ colon: String.Index) -> Int? {
        let clock = text[..<colon].lastIndex { !$0.isWholeNumber }.map { text.index(after: $0) } ?? text.startIndex
        let parts = text[clock...].split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 3, let hours = parts[0], let minutes = parts[1], let seconds = parts[2],
            hours < 1_000_000, (0..<60).contains(minutes), (0..<60).contains(seconds)
        else { return nil }
        let days = clock == text.startIndex ? 0 : Self.seconds(in: String(text[..<clock]))
        return days.map { $0 + hours * 3_600 + minutes * 60 + seconds }
    }

    private static let sizes = ["w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1, "ms": 0, "us": 0]
}
