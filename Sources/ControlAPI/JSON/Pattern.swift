import Foundation

/// A regular expression in the dialect of JSON Schema (ECMA 262), used for validation and for the description.
struct Pattern: Sendable {
    /// Matches the whole text; contains no `^` or `$`.
    private let body: String
    private let expression: NSRegularExpression?

    init(_ body: String) {
        self.body = body
        expression = try? NSRegularExpression(pattern: "\\A(?:\(body))\\z")
    }

    func matches(_ text: String) -> Bool {
        let range = NSRange(text.startIndex..., in: text)
        return expression?.firstMatch(in: text, range: range) != nil
    }

    /// The value of the keyword `pattern`.
    var json: JSONValue { .string("^(?:\(body))$") }
}

extension Rule where Value == String {
    /// A string that matches the pattern.
    static func matching(_ pattern: Pattern, atMost maximum: Int, examples: [String], expected: String) -> Rule {
        let examples = JSONValue.array(examples.map(JSONValue.string))
        let schema: Schema = [
            "type": "string", "maxLength": .integer(maximum), "pattern": pattern.json, "examples": examples,
        ]
        return Rule(expected: expected, schema: schema) { value in
            guard case .string(let text) = value, text.unicodeScalars.count <= maximum, pattern.matches(text) else {
                return nil
            }
            return text
        }
    }

    /// Only null or omitted; `when` is the condition for messages.
    static func null(_ when: String) -> Rule {
        Rule(expected: "null or omitted \(when)", schema: ["type": "null"]) { $0 == .null ? "" : nil }
    }
}

/// A pattern for an octet of an IPv4 address.
let octet = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"

/// A pattern for a port, 1 to 65535.
let port =
    "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
