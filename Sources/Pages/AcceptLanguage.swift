import NetworkAddress

/// The languages that a browser prefers (RFC 9110 section 12.5.4).
package enum AcceptLanguage {
    /// Returns the ranges in order of preference: by weight, then by position. Omits those of weight 0 and `*`.
    ///
    /// Skips malformed entries. Reads at most 16 entries; no real browser sends more.
    package static func ranges(_ header: String) -> [String] {
        let entries = header.split(separator: ",").prefix(16).compactMap(entry)
        return entries.enumerated().sorted { ($1.element.weight, $0.offset) < ($0.element.weight, $1.offset) }
            .map(\.element.range)
    }

    /// Returns the first range that matches a tag in `available`, shortened from its end until it matches (RFC 4647
    /// section 3.4).
    ///
    /// - Parameter available: tags in lower case.
    package static func lookup(_ ranges: [String], in available: Set<String>) -> String? {
        for range in ranges {
            var subtags = range.split(separator: "-")
            while !subtags.isEmpty {
                let tag = subtags.joined(separator: "-")
                if available.contains(tag) { return tag }
                subtags.removeLast()
                // A single letter introduces the subtag after it and has no meaning alone.
                if subtags.last?.utf8.count == 1 { subtags.removeLast() }
            }
        }
        return nil
    }

    private static func entry(_ text: Substring) -> (range: String, weight: Int)? {
        let parts = text.split(separator: ";").map { $0.trimmingPrefix(while: \.isWhitespace) }
        guard let range = parts.first?.split(separator: " ").first.map({ $0.lowercased() }), isTag(range) else {
            return nil
        }
        guard parts.count > 1 else { return (current(range), 1000) }
        guard let weight = weight(parts[1]), weight > 0 else { return nil }
        return (current(range), weight)
    }

    /// `q=0.8` in thousandths.
    private static func weight(_ parameter: Substring) -> Int? {
        guard parameter.lowercased().hasPrefix("q="), let weight = Double(parameter.dropFirst(2).prefix(5).trimmed),
            (0...1).contains(weight)
        else { return nil }
        return Int(saturating: weight * 1000)
    }

    private static func isTag(_ range: String) -> Bool {
        (1...35).contains(range.utf8.count)
            && range.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }

    /// Older devices write Hebrew `iw` (withdrawn in 1989).
    private static func current(_ range: String) -> String {
        range == "iw" || range.hasPrefix("iw-") ? "he" + range.dropFirst(2) : range
    }
}

extension Substring {
    fileprivate var trimmed: Substring { prefix { !$0.isWhitespace } }
}
