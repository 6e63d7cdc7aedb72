internal import NetworkAddress

/// Reads rows as the REST interface sends them: a JSON object, or an array of objects, whose values are all strings.
/// Keeps only the requested fields of a row, to save memory.
struct RouterOSRowReader {
    enum Failure: Error, Equatable {
        case malformed
        case tooManyRows
    }

    private let bytes: [UInt8]
    private let fields: Set<String>
    private var position = 0

    private init(_ bytes: [UInt8], _ fields: [String]) {
        self.bytes = bytes
        self.fields = Set(fields)
    }

    /// Reads an array of rows. Throws `.tooManyRows` if it has more than `most`.
    static func rows(
        in bytes: [UInt8], fields: [String], atMost most: Int
    ) throws(Failure) -> [RouterOSRow] {
        var reader = RouterOSRowReader(bytes, fields)
        var rows: [RouterOSRow] = []
        try reader.members("[", "]") { reader throws(Failure) in
            guard rows.count < most else { throw .tooManyRows }
            rows.append(try reader.row())
        }
        try reader.finish()
        return rows
    }

    /// Reads a single object.
    static func row(in bytes: [UInt8], fields: [String]) throws(Failure) -> RouterOSRow {
        var reader = RouterOSRowReader(bytes, fields)
        let row = try reader.row()
        try reader.finish()
        return row
    }

    private mutating func row() throws(Failure) -> RouterOSRow {
        var row: RouterOSRow = [:]
        try members("{", "}") { reader throws(Failure) in
            let name = try reader.string()
            guard reader.take(":") else { throw .malformed }
            let isWanted = reader.fields.contains(name)
            let value = try reader.string(isWanted: isWanted)
            if isWanted { row[name] = value }
        }
        return row
    }

    /// Reads comma-separated members between two brackets.
    private mutating func members(
        _ open: Unicode.Scalar, _ close: Unicode.Scalar,
        _ read: (inout RouterOSRowReader) throws(Failure) -> Void
    ) throws(Failure) {
        guard take(open) else { throw .malformed }
        if take(close) { return }
        repeat { try read(&self) } while take(",")
        guard take(close) else { throw .malformed }
    }

    private mutating func finish() throws(Failure) {
        skipBlanks()
        guard position == bytes.count else { throw .malformed }
    }

    private mutating func skipBlanks() {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    }

    /// Skips blanks and consumes `character` if it is the next one. Returns false otherwise.
    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipBlanks()
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }
}

/// Strings (RFC 8259 section 7).
extension RouterOSRowReader {
    private static let escapes: [UInt8: UInt8] = [
        UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "/"): 0x2F, UInt8(ascii: "b"): 0x08,
        UInt8(ascii: "f"): 0x0C, UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09,
    ]

    /// Reads a string, decoded by `String.init(streamSafe:)`. Returns an empty string if it is not wanted.
    private mutating func string(isWanted: Bool = true) throws(Failure) -> String {
        guard take("\"") else { throw .malformed }
        var text: [UInt8] = []
        var start = position
        while position < bytes.count, bytes[position] >= 0x20 {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                if isWanted { text += bytes[start..<position] }
                position += 1
                return String(streamSafe: text)
            case UInt8(ascii: "\\"):
                if isWanted { text += bytes[start..<position] }
                let escaped = try escape()
                if isWanted { text += escaped }
                start = position
            default: position += 1
            }
        }
        throw .malformed
    }

    /// Reads an escape sequence and returns its UTF-8 bytes.
    private mutating func escape() throws(Failure) -> [UInt8] {
        guard position + 1 < bytes.count else { throw .malformed }
        if let byte = Self.escapes[bytes[position + 1]] {
            position += 2
            return [byte]
        }
        var units = [try codeUnit()]
        if UTF16.isLeadSurrogate(units[0]), bytes[position...].starts(with: "\\u".utf8) { units.append(try codeUnit()) }
        return Array(String(decoding: units, as: UTF16.self).utf8)
    }

    /// Reads a backslash, `u` and four hexadecimal digits.
    private mutating func codeUnit() throws(Failure) -> UInt16 {
        let digits = bytes.dropFirst(position + 2).prefix(4).compactMap {
            Character(Unicode.Scalar($0)).hexDigitValue.map(UInt16.init)
        }
        guard bytes[position + 1] == UInt8(ascii: "u"), digits.count == 4 else { throw .malformed }
        position += 6
        return digits.reduce(0) { $0 << 4 | $1 }
    }
}
