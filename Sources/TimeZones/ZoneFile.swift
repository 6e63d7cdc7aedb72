extension ZoneRules {
    /// Parses a zone file (TZif, RFC 9636 section 3). Returns nil unless it is well-formed, of version 2 or later (as
    /// in all databases since 2008) and without leap seconds.
    package init?(file: [UInt8]) {
        var reader = ZoneFileReader(bytes: file)
        // The first block has 32-bit times for version 1 readers; the second block has all data.
        guard let small = reader.readHeader(), reader.skip(small.length(timeSize: 4)), let counts = reader.readHeader(),
            counts.leapSeconds == 0, counts.types > 0, let moments = reader.readIntegers(counts.transitions, size: 8),
            let types = reader.readIntegers(counts.transitions, size: 1),
            let offsets = reader.readTypes(counts.types), types.allSatisfy(offsets.indices.contains),
            zip(moments, moments.dropFirst()).allSatisfy(<),
            reader.skip(counts.characters + counts.standardIndicators + counts.utcIndicators),
            let footer = reader.readFooter()
        else { return nil }
        guard !footer.isEmpty || counts.transitions > 0 else { return nil }
        tail = footer.isEmpty ? nil : POSIXRule(footer)
        guard footer.isEmpty == (tail == nil) else { return nil }
        initialOffset = offsets[0]
        transitions = zip(moments, types).map { Transition(at: $0, offset: offsets[$1]) }
    }
}

/// The counts in the header of a block of a zone file.
private struct ZoneFileCounts {
    let utcIndicators, standardIndicators, leapSeconds, transitions, types, characters: Int

    /// Bytes of the block after its header.
    func length(timeSize: Int) -> Int {
        transitions * (timeSize + 1) + types * 6 + characters + leapSeconds * (timeSize + 4) + standardIndicators
            + utcIndicators
    }
}

private struct ZoneFileReader {
    let bytes: [UInt8]
    private var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func readHeader() -> ZoneFileCounts? {
        guard let magic = take(4), magic.elementsEqual("TZif".utf8), let version = take(1)?.first,
            version >= UInt8(ascii: "2"), skip(15), let counts = readIntegers(6, size: 4),
            counts.allSatisfy({ (0...bytes.count).contains($0) })
        else { return nil }
        return ZoneFileCounts(
            utcIndicators: counts[0], standardIndicators: counts[1], leapSeconds: counts[2], transitions: counts[3],
            types: counts[4], characters: counts[5])
    }

    /// Reads integers in network byte order; single bytes are unsigned, others signed.
    mutating func readIntegers(_ count: Int, size: Int) -> [Int]? {
        guard let bytes = take(count * size) else { return nil }
        return stride(from: bytes.startIndex, to: bytes.endIndex, by: size).map {
            Self.integer(bytes[$0..<($0 + size)])
        }
    }

    /// Reads the offset of each type; ignores its daylight saving flag and abbreviation. Returns nil if an offset is
    /// outside the range that RFC 9636 section 3.2 recommends.
    mutating func readTypes(_ count: Int) -> [Int]? {
        guard let bytes = take(count * 6) else { return nil }
        let offsets = stride(from: bytes.startIndex, to: bytes.endIndex, by: 6).map {
            Self.integer(bytes[$0..<($0 + 4)])
        }
        return offsets.allSatisfy((-89_999...93_599).contains) ? offsets : nil
    }

    /// The rule between two line breaks.
    mutating func readFooter() -> Substring? {
        guard take(1)?.first == 0x0A, bytes.last == 0x0A, position < bytes.count else { return nil }
        let text = bytes[position..<(bytes.count - 1)]
        return text.contains(0x0A) ? nil : Substring(String(decoding: text, as: UTF8.self))
    }

    mutating func skip(_ count: Int) -> Bool { take(count) != nil }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard bytes.count - position >= count else { return nil }
        defer { position += count }
        return bytes[position..<(position + count)]
    }

    private static func integer(_ bytes: ArraySlice<UInt8>) -> Int {
        let value = bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return switch bytes.count {
        case 8: Int(Int64(bitPattern: value))
        case 4: Int(Int32(truncatingIfNeeded: value))
        default: Int(value)
        }
    }
}
