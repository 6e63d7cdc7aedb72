/// RouterOS's text form of a duration: `1w2d3h4m5s`. Input may also be a number of seconds.
enum RouterDuration {
    private static let units: [(letter: Character, seconds: Int)] = [
        ("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1),
    ]

    static func text(_ seconds: Int) -> String {
        var (left, text) = (seconds, "")
        for (letter, size) in units where left >= size {
            text += "\(left / size)\(letter)"
            left %= size
        }
        return text.isEmpty ? "0s" : text
    }

    /// Returns nil for text that RouterOS does not accept.
    static func seconds(_ text: String) -> Int? {
        if let seconds = Int(text) { return seconds >= 0 ? seconds : nil }
        var (total, digits) = (0, "")
        for character in text {
            if character.isNumber {
                digits.append(character)
            } else {
                guard let unit = units.first(where: { $0.letter == character }), let count = Int(digits),
                    count < 1_000_000_000
                else { return nil }
                (total, digits) = (total + count * unit.seconds, "")
            }
        }
        return digits.isEmpty && !text.isEmpty ? total : nil
    }
}
