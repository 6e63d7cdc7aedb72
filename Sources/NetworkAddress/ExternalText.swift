/// Text from external input: a guest's form, a router, a provider. Swift compares, hashes and searches strings in a
/// normal form of Unicode, for which it sorts each run of combining marks; the time grows with the square of the run.
/// So a run is bounded where bytes become a string, and every use of the string takes time in proportion to its length.
extension String {
    /// Decodes UTF-8. Invalid bytes become U+FFFD, and so does each mark that follows 30 others: the bound of Unicode's
    /// stream-safe format (UAX #15 section 13). No language needs more than a few.
    package init(streamSafe bytes: some Collection<UInt8>) { self = String(decoding: bytes, as: UTF8.self).streamSafe }

    /// The text with its runs of marks bounded as by `init(streamSafe:)`.
    package var streamSafe: String {
        guard utf8.contains(where: { $0 >= UInt8.firstOfMarks }) else { return self }
        var run = MarkRun()
        guard unicodeScalars.contains(where: { run.exceedsLimit(with: $0) }) else { return self }
        run = MarkRun()
        var safe = UnicodeScalarView()
        for scalar in unicodeScalars { safe.append(run.exceedsLimit(with: scalar) ? .replacement : scalar) }
        return String(safe)
    }
}

extension [UInt8] {
    /// A JSON document with the runs of marks in its strings bounded as by `String.init(streamSafe:)`, escaped ones
    /// (`\u0301`) included. For decoders that create strings and look up names themselves.
    package var streamSafeJSON: [UInt8] {
        guard contains(where: { $0 >= UInt8.firstOfMarks || $0 == UInt8(ascii: "\\") }) else { return self }
        var run = MarkRun()
        var safe: [UInt8] = []
        safe.reserveCapacity(count)
        var rest = self[...]
        while !rest.isEmpty {
            let (scalar, length) = rest.firstJSONCharacter
            if run.exceedsLimit(with: scalar) { safe += "\u{FFFD}".utf8 } else { safe += rest.prefix(length) }
            rest = rest.dropFirst(length)
        }
        return safe
    }
}

extension ArraySlice<UInt8> {
    /// The character at the start of a JSON text, and its length in bytes. An escape of two characters and an invalid
    /// byte count as characters that are not marks.
    fileprivate var firstJSONCharacter: (scalar: Unicode.Scalar, length: Int) {
        guard self[startIndex] == UInt8(ascii: "\\") else {
            var decoder = UTF8()
            var bytes = prefix(4).makeIterator()
            guard case .scalarValue(let scalar) = decoder.decode(&bytes) else { return (.replacement, 1) }
            return (scalar, UTF8.width(scalar))
        }
        guard let unit = escapedUnit else { return (.replacement, Swift.min(2, count)) }
        if UTF16.isLeadSurrogate(unit), let trail = dropFirst(6).escapedUnit, UTF16.isTrailSurrogate(trail) {
            return (UTF16.decode(UTF16.EncodedScalar([unit, trail])), 12)
        }
        return (Unicode.Scalar(unit) ?? .replacement, 6)
    }

    /// The code unit of the escape (`\u` and four hexadecimal digits) at the start; nil if there is none.
    private var escapedUnit: UInt16? {
        let digits = dropFirst(2).prefix(4).compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        guard starts(with: "\\u".utf8), digits.count == 4 else { return nil }
        return digits.reduce(0) { $0 << 4 | UInt16($1) }
    }
}

/// Counts the combining marks in a row.
private struct MarkRun {
    private var length = 0
    private static let limit = 30

    /// Whether `scalar` is one mark too many; it is then to be replaced, which begins a new run.
    mutating func exceedsLimit(with scalar: Unicode.Scalar) -> Bool {
        length = scalar.isMark ? length + 1 : 0
        guard length > Self.limit else { return false }
        length = 0
        return true
    }
}

extension Unicode.Scalar {
    fileprivate static let replacement: Unicode.Scalar = "\u{FFFD}"

    /// Includes every character that Unicode's normal forms reorder.
    fileprivate var isMark: Bool {
        guard value >= 0x300 else { return false }
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: return true
        default: return false
        }
    }
}

extension UInt8 {
    /// The first byte of U+0300 in UTF-8; all characters before it are not marks.
    fileprivate static let firstOfMarks: UInt8 = 0xCC
}
