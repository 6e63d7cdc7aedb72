import NetworkAddress

/// A strict JSON parser (RFC 8259): UTF-8 only, no duplicate fields in an object, nothing after the value, at most 32
/// levels of nesting.
struct JSONParser {
    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0
    private static let maximumDepth = 32

    /// A syntax error, with a reason for the client. It quotes no values, since they may be secrets.
    struct Failure: Error {
        let reason: String
    }

    static func parse(_ bytes: [UInt8]) throws(Failure) -> JSONValue {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw Failure(reason: "it is not UTF-8 text") }
        var parser = JSONParser(bytes: bytes)
        let value = try parser.value()
        parser.skipSpace()
        guard parser.current == nil else { throw parser.failure("the end") }
        return value
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func failure(_ expected: String) -> Failure {
        Failure(reason: "expected \(expected) at byte \(position + 1)")
    }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func take(_ byte: Unicode.Scalar) -> Bool {
        skipSpace()
        guard current == UInt8(ascii: byte) else { return false }
        position += 1
        return true
    }

    private mutating func value() throws(Failure) -> JSONValue {
        skipSpace()
        switch current {
        case UInt8(ascii: "{"): return try nested { parser throws(Failure) in try parser.object() }
        case UInt8(ascii: "["): return try nested { parser throws(Failure) in try parser.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return try number()
        }
    }

    private mutating func nested(
        _ read: (inout JSONParser) throws(Failure) -> JSONValue
    ) throws(Failure) -> JSONValue {
        guard depth < Self.maximumDepth else { throw Failure(reason: "it is nested too deeply") }
        depth += 1
        defer { depth -= 1 }
        position += 1
        return try read(&self)
    }

    private mutating func object() throws(Failure) -> JSONValue {
        var members: [JSONValue.Member] = []
        var names: Set<String> = []
        if take("}") { return .object([]) }
        repeat {
            skipSpace()
            let name = try string()
            guard names.insert(name).inserted else {
                throw Failure(reason: "it has the field '\(name.shortened)' twice")
            }
            guard take(":") else { throw failure("':'") }
            members.append(.init(name: name, value: try value()))
        } while take(",")
        guard take("}") else { throw failure("',' or '}'") }
        return .object(members)
    }

    private mutating func array() throws(Failure) -> JSONValue {
        var elements: [JSONValue] = []
        if take("]") { return .array([]) }
        repeat { elements.append(try value()) } while take(",")
        guard take("]") else { throw failure("',' or ']'") }
        return .array(elements)
    }

    private mutating func literal(_ literal: String, _ value: JSONValue) throws(Failure) -> JSONValue {
        guard bytes[position...].starts(with: literal.utf8) else { throw failure("a value") }
        position += literal.utf8.count
        return value
    }

    private mutating func number() throws(Failure) -> JSONValue {
        let start = position
        if current == UInt8(ascii: "-") { position += 1 }
        let first = position
        guard skipDigits() else { throw failure("a value") }
        guard bytes[first] != UInt8(ascii: "0") || position == first + 1 else { throw failure("no leading zero") }
        let integerEnd = position
        if current == UInt8(ascii: ".") {
            position += 1
            guard skipDigits() else { throw failure("a digit") }
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            position += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            guard skipDigits() else { throw failure("a digit") }
        }
        // 70.0 is the integer 70 (JSON Schema 2020-12 core, section 4.2.3).
        let isWhole = bytes[integerEnd..<position].allSatisfy { ".0".utf8.contains($0) }
        // Safe because the rule of the field bounds it.
        guard isWhole, let value = Int(String(streamSafe: bytes[start..<integerEnd])) else {
            return .otherNumber
        }
        return .integer(value)
    }

    private mutating func skipDigits() -> Bool {
        let start = position
        while let byte = current, (0x30...0x39).contains(byte) { position += 1 }
        return position > start
    }

    private mutating func string() throws(Failure) -> String {
        guard current == UInt8(ascii: "\"") else { throw failure("'\"'") }
        position += 1
        var text: [UInt8] = []
        while let byte = current, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw failure("no control character") }
            position += 1
            if byte == UInt8(ascii: "\\") { text += try escape() } else { text.append(byte) }
        }
        guard current != nil else { throw failure("'\"'") }
        position += 1
        return String(streamSafe: text)
    }

    private static let escapes: [UInt8: UInt8] = [
        UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "/"): 0x2F, UInt8(ascii: "b"): 0x08,
        UInt8(ascii: "f"): 0x0C, UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09,
    ]

    private mutating func escape() throws(Failure) -> [UInt8] {
        guard let letter = current else { throw failure("an escape") }
        if let byte = Self.escapes[letter] {
            position += 1
            return [byte]
        }
        var units = [try codeUnit()]
        if UTF16.isLeadSurrogate(units[0]), current == UInt8(ascii: "\\") {
            position += 1
            units.append(try codeUnit())
        }
        guard let text = String(validating: units, as: UTF16.self) else { throw failure("a whole character before") }
        return Array(text.utf8)
    }

    /// Reads `u` and four hexadecimal digits, after the backslash.
    private mutating func codeUnit() throws(Failure) -> UInt16 {
        let digits = bytes.dropFirst(position + 1).prefix(4)
        guard current == UInt8(ascii: "u"), digits.count == 4,
            digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            // Safe because four digits fit, and nothing is computed from them.
            let unit = UInt16(String(streamSafe: digits), radix: 16)
        else { throw failure("an escape") }
        position += 5
        return unit
    }
}

extension String {
    /// Truncated to 64 characters, for messages that quote the request.
    var shortened: String { count <= 64 ? self : prefix(63) + "…" }
}
