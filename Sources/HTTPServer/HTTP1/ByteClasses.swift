// Character classes of RFC 9110 and RFC 3986 as bit sets of two words, which need no lookup table.

extension UInt8 {
    /// RFC 9110 section 5.6.2.
    var isToken: Bool { isIn(0x03FF_6CFA_0000_0000, 0x57FF_FFFF_C7FF_FFFE) }
    /// RFC 3986 section 3.2.2, without percent escapes.
    var isRegName: Bool { isIn(0x2BFF_7FD2_0000_0000, 0x47FF_FFFE_87FF_FFFE) }
    /// RFC 9110 section 5.5: visible, blank or opaque.
    var isFieldValue: Bool { self >= 0x20 && self != 0x7F || self == 0x09 }
    /// Any visible ASCII except `#`. Wider than RFC 3986, because browsers do not escape `|`, `{` and quotes.
    var isTarget: Bool { self > 0x20 && self < 0x7F && self != UInt8(ascii: "#") }
    var isControl: Bool { self < 0x20 || self == 0x7F }
    var isDigit: Bool { self >= 0x30 && self <= 0x39 }
    var isBlank: Bool { self == 0x20 || self == 0x09 }
    var asciiLowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }

    var hexValue: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x37
        case 0x61...0x66: self - 0x57
        default: nil
        }
    }

    static let cr: UInt8 = 0x0D
    static let lf: UInt8 = 0x0A

    private func isIn(_ low: UInt64, _ high: UInt64) -> Bool {
        self < 0x80 && (self < 0x40 ? low : high) &>> UInt64(self & 0x3F) & 1 == 1
    }
}

extension String {
    func equalsIgnoringASCIICase(_ other: String) -> Bool {
        utf8.count == other.utf8.count && zip(utf8, other.utf8).allSatisfy { $0.asciiLowercased == $1.asciiLowercased }
    }
}

extension [UInt8] {
    /// Whether `range` equals `lowercase` (ASCII, lower case), ignoring case.
    func matches(_ lowercase: StaticString, in range: ByteRange) -> Bool {
        guard range.count == lowercase.utf8CodeUnitCount else { return false }
        return lowercase.withUTF8Buffer { expected in
            for offset in 0..<expected.count where self[Int(range.start) + offset].asciiLowercased != expected[offset] {
                return false
            }
            return true
        }
    }

    /// `range` without blanks at its ends (OWS, RFC 9110 section 5.6.3).
    func trimmed(_ range: ByteRange) -> ByteRange {
        var (start, end) = (Int(range.start), Int(range.end))
        while start < end, self[start].isBlank { start += 1 }
        while end > start, self[end - 1].isBlank { end -= 1 }
        return ByteRange(start, end)
    }

    /// The comma-separated members of `range`, trimmed; empty members included.
    func listMembers(of range: ByteRange) -> [ByteRange] {
        var members: [ByteRange] = []
        var start = Int(range.start)
        for index in range.indices where self[index] == UInt8(ascii: ",") {
            members.append(trimmed(ByteRange(start, index)))
            start = index + 1
        }
        members.append(trimmed(ByteRange(start, Int(range.end))))
        return members
    }
}
