/// Parses the JSON (RFC 8259) that `WireJSON` describes. Each function advances the position past what it read, and
/// returns nil if it finds something else.
struct WireJSONReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool {
        mutating get {
            skipSpace()
            return position == bytes.count
        }
    }

    mutating func readObject() -> [String: WireJSON.Value]? {
        var members: [String: WireJSON.Value] = [:]
        guard take(UInt8(ascii: "{")) else { return nil }
        if take(UInt8(ascii: "}")) { return members }
        repeat {
            guard let name = readString(), take(UInt8(ascii: ":")), let value = readValue() else { return nil }
            members[name] = value
        } while take(UInt8(ascii: ","))
        return take(UInt8(ascii: "}")) ? members : nil
    }

    private mutating func readValue() -> WireJSON.Value? {
        guard take(UInt8(ascii: "[")) else { return readScalar().map { .text($0) } }
        var list: [String] = []
        if take(UInt8(ascii: "]")) { return .list(list) }
        repeat {
            guard let item = readScalar() else { return nil }
            list.append(item)
        } while take(UInt8(ascii: ","))
        return take(UInt8(ascii: "]")) ? .list(list) : nil
    }

    /// A string, or the letters and digits of a number or boolean.
    private mutating func readScalar() -> String? {
        skipSpace()
        if position < bytes.count, bytes[position] == UInt8(ascii: "\"") { return readString() }
        let start = position
        while position < bytes.count, Self.isBare(bytes[position]) { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        return text == "true" || text == "false" || Double(text) != nil ? text : nil
    }

    private static func isBare(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x2D || byte == 0x2B || byte == 0x2E
            || byte == 0x45
    }

    private mutating func readString() -> String? {
        guard take(UInt8(ascii: "\"")) else { return nil }
        var text: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(validating: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let character = readEscape() else { return nil }
                text += Array(String(character).utf8)
            case 0..<0x20: return nil
            default: text.append(byte)
            }
        }
        return nil
    }

    private mutating func readEscape() -> Character? {
        guard position < bytes.count else { return nil }
        defer { position += 1 }
        switch bytes[position] {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "u"): return readUnicodeEscape()
        case let byte where byte == 0x22 || byte == 0x2F || byte == 0x5C: return Character(Unicode.Scalar(byte))
        default: return nil
        }
    }

    /// Basic multilingual plane only; refuses surrogates.
    private mutating func readUnicodeEscape() -> Character? {
        guard position + 4 < bytes.count else { return nil }
        let digits = String(decoding: bytes[(position + 1)...(position + 4)], as: UTF8.self)
        position += 4
        return UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init).map(Character.init)
    }

    private mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }
}
