/// A CSV table (RFC 4180): UTF-8 with a byte order mark, which spreadsheet programs need, CR LF line ends, and a header
/// line.
struct CSVTable {
    private(set) var bytes: [UInt8] = [0xEF, 0xBB, 0xBF]

    init(names: [String]) { add(names) }

    /// Adds a line. A cell that a spreadsheet program could evaluate as a formula is prefixed with an apostrophe, since
    /// guests choose their names (CSV injection).
    mutating func add(_ cells: [String]) {
        for (index, cell) in cells.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            write(cell.unicodeScalars.first.map(Self.formulaStarts.contains) == true ? "'" + cell : cell)
        }
        bytes += [0x0D, 0x0A]
    }

    /// Compared as scalars: a combining scalar after "=" would make another `Character`. The fullwidth forms are
    /// formulas in East Asian spreadsheet programs.
    private static let formulaStarts: Set<Unicode.Scalar> = [
        "=", "+", "-", "@", "\t", "\r", "\n", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}",
    ]

    private mutating func write(_ cell: String) {
        guard cell.utf8.contains(where: { "\",\r\n".utf8.contains($0) }) else {
            bytes += cell.utf8
            return
        }
        bytes.append(UInt8(ascii: "\""))
        for byte in cell.utf8 { bytes += byte == UInt8(ascii: "\"") ? [byte, byte] : [byte] }
        bytes.append(UInt8(ascii: "\""))
    }
}

extension JSONValue {
    /// The value as text; empty for null.
    var cell: String {
        switch self {
        case .string(let text): text
        case .integer(let number): String(number)
        case .bool(let truth): String(truth)
        default: ""
        }
    }
}
