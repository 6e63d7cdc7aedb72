import Captive
import Foundation
import NetworkAddress

/// The valid values of a field: how to read them, their schema, and a text for error messages.
struct Rule<Value> {
    /// Completes "The 'x' parameter must be …".
    let expected: String
    /// The rule as a JSON Schema, as far as it can be expressed.
    let schema: Schema
    let read: (JSONValue) -> Value?
}

extension Rule where Value == Int {
    static func integer(_ range: ClosedRange<Int>, _ unit: String? = nil) -> Rule {
        let expected = "an integer from \(range.lowerBound) to \(range.upperBound)" + (unit.map { " (\($0))" } ?? "")
        let schema: Schema = [
            "type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound),
        ]
        return Rule(expected: expected, schema: schema) { value in
            guard case .integer(let number) = value, range.contains(number) else { return nil }
            return number
        }
    }
}

extension Rule where Value == String {
    /// One line of text, trimmed, without control characters.
    static func line(_ maximum: Int = 200) -> Rule {
        let schema: Schema = [
            "type": "string", "maxLength": .integer(maximum),
            "pattern": .string("^[^\(controls)]*[^\(controls)\(blanks)][^\(controls)]*$"),
        ]
        return Rule(expected: "text of 1 to \(maximum) characters without line breaks", schema: schema) { value in
            guard case .string(let text) = value, text.unicodeScalars.count <= maximum, !text.hasControls() else {
                return nil
            }
            let trimmed = text.trimmingCharacters(in: .whitespaces)
            return trimmed.isEmpty ? nil : trimmed
        }
    }

    /// Multi-line text; line breaks and tabs are the only control characters allowed.
    static func text(_ maximum: Int) -> Rule {
        let schema: Schema = [
            "type": "string", "maxLength": .integer(maximum),
            "pattern": #"^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]*$"#,
        ]
        return Rule(expected: "text of at most \(maximum) characters", schema: schema) { value in
            guard case .string(let text) = value, text.unicodeScalars.count <= maximum,
                !text.hasControls(but: "\n\r\t")
            else { return nil }
            return text
        }
    }

    /// A language tag (RFC 5646 section 2.1): a language of two or three letters, then subtags. Checks the syntax only.
    static var languageTag: Rule {
        .matching(
            languageTagPattern, atMost: 35, examples: ["en", "pt-BR"],
            expected: "a language tag such as en, de or pt-BR")
    }
}

private let languageTagPattern = Pattern("[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")

extension Rule where Value == Secret {
    /// A secret without control characters. Not trimmed.
    static func secret(_ maximum: Int = 1_024) -> Rule {
        let schema: Schema = [
            "type": "string", "maxLength": .integer(maximum), "pattern": .string("^[^\(controls)]+$"),
            "writeOnly": true,
        ]
        return Rule(expected: "text of 1 to \(maximum) characters without control characters", schema: schema) {
            value in
            guard case .string(let text) = value, (1...maximum).contains(text.unicodeScalars.count),
                !text.hasControls()
            else { return nil }
            return Secret(text)
        }
    }
}

extension Rule where Value == UUID {
    static var id: Rule {
        Rule(expected: "a UUID such as c4d5e6f7-8a9b-0c1d-2e3f-4a5b6c7d8e9f", schema: .id) { value in
            guard case .string(let text) = value else { return nil }
            return UUID(uuidString: text)
        }
    }
}

extension Rule where Value == Color {
    static var color: Rule {
        Rule(
            expected: "a color of the form #RGB or #RRGGBB",
            schema: [
                "type": "string", "pattern": "^#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})$", "examples": ["#0396d5"],
            ]
        ) { value in
            guard case .string(let text) = value else { return nil }
            return Color(text)
        }
    }
}

extension Rule where Value == Subnet {
    static var subnet: Rule {
        Rule(
            expected: "an IPv4 subnet in CIDR notation with a prefix length of at least 8, such as 192.168.88.0/24",
            schema: [
                "type": "string", "examples": ["192.168.88.0/24"],
                "pattern": .string("^(\(octet)\\.){3}\(octet)/([89]|[12][0-9]|3[0-2])$"),
            ]
        ) { value in
            guard case .string(let text) = value, text.contains("/"), let subnet = Subnet(text),
                case .v4 = subnet.base, subnet.prefixLength >= 8
            else { return nil }
            return subnet
        }
    }
}

extension Rule where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of the values of an enumeration.
    static var enumeration: Rule {
        let values = Value.allCases.map { "'\($0.rawValue)'" }
        let schema = Schema.enumeration(Value.allCases.map(\.rawValue))
        return Rule(expected: "one of \(values.joined(separator: ", "))", schema: schema) { value in
            guard case .string(let text) = value else { return nil }
            return Value(rawValue: text)
        }
    }
}

extension UInt8 {
    var isASCIILetter: Bool { (0x61...0x7A).contains(self | 0x20) }
    var isASCIIDigit: Bool { (0x30...0x39).contains(self) }
}

/// For patterns: control characters, and white space.
private let controls = #"\u0000-\u001F\u007F-\u009F"#
private let blanks = #" \u00A0\u1680\u2000-\u200A\u202F\u205F\u3000"#

extension String {
    fileprivate func hasControls(but allowed: String = "") -> Bool {
        unicodeScalars.contains {
            $0.properties.generalCategory == .control && !allowed.unicodeScalars.contains($0)
        }
    }
}
