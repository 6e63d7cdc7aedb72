internal import NetworkAddress

/// RouterOS's text forms of a duration: `1w2d3h4m5s`, and `1w2d03:04:05` in older versions.
enum RouterOSDuration {
    /// Parses a duration into seconds, ignoring fractions of a second. Returns nil for any other text and for more than
    /// 100 years.
    static func seconds(in text: String) -> Int? {
        guard !text.isEmpty else { return nil }
        if let colon = text.firstIndex(of: ":") { return clockSeconds(in: text, colon) }
        var (total, number, unit) = (0, "", "")
        for character in text + " " {
            if character.isWholeNumber || character == " ", !unit.isEmpty {
                guard let count = Int(number, in: 0...longest), let size = sizes[unit] else { return nil }
                (total, number, unit) = (total + count * size, "", "")
                guard total <= longest else { return nil }
            }
            if character.isWholeNumber { number.append(character) } else { unit.append(character) }
        }
        return number.isEmpty ? total : nil
    }

    /// Parses the form with colons, which may follow weeks and days.
    private static func clockSeconds(in text: String, _ colon: String.Index) -> Int? {
        let clock = text[..<colon].lastIndex { !$0.isWholeNumber }.map { text.index(after: $0) } ?? text.startIndex
        let parts = text[clock...].split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let hours = Int(parts[0], in: 0...longest / 3_600),
            let minutes = Int(parts[1], in: 0...59), let seconds = Int(parts[2], in: 0...59),
            let days = clock == text.startIndex ? 0 : Self.seconds(in: String(text[..<clock]))
        else { return nil }
        let total = days + hours * 3_600 + minutes * 60 + seconds
        return total <= longest ? total : nil
    }

    private static let sizes = ["w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1, "ms": 0, "us": 0]
    private static let longest = 100 * 366 * 86_400
}
