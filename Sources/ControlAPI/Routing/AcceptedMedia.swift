/// The media types in an `Accept` header (RFC 9110 section 12.5.1).
struct AcceptedMedia {
    private let ranges: [(range: String, weight: Double)]

    /// Ignores malformed ranges and all after the first 32.
    init(_ header: String) {
        ranges = header.split(separator: ",").prefix(32).compactMap { part in
            let words = part.split(separator: ";").map { $0.filter { !$0.isWhitespace }.lowercased() }
            guard let range = words.first, range.contains("/") else { return nil }
            let weight = words.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) } ?? 1
            return weight.map { (range, $0) }
        }
    }

    /// Whether `type` has a greater weight than `other`. False for an empty header.
    func prefers(_ type: String, to other: String) -> Bool { weight(of: type) > weight(of: other) }

    /// The weight of the most specific range that matches; 0 if none does.
    private func weight(of type: String) -> Double {
        let group = type.prefix { $0 != "/" } + "/*"
        for name in [type, String(group), "*/*"] {
            if let range = ranges.first(where: { $0.range == name }) { return range.weight }
        }
        return 0
    }
}
