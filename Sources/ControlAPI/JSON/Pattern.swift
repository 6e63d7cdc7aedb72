import Foundation

/// A regular expression of the kind that JSON Schema has (ECMA 262), so that one text serves the check
/// and its description.
struct Pattern: Sendable {
    /// Matches a text as a whole; holds no `^` and `$`.
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

    /// For the keyword `pattern`.
    var json: JSONValue { .string("^(?:\(body))$") }
}

extension Rule where Value == String {
    /// A text of this form.
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

    /// Nothing but null.
    static func null(_ when: String) -> Rule {
        Rule(expected: "null or left out \(when)", schema: ["type": "null"]) { $0 == .null ? "" : nil }
    }
}

/// For patterns: a number of an IPv4 address.
let octet = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"

/// For patterns: 1 to 65535.
let port =
    "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
