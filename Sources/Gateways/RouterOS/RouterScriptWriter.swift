/// Writes lines of RouterOS's scripting language.
struct RouterScriptWriter {
    private(set) var text = ""

    mutating func line(_ line: String) { text += line + "\n" }

    mutating func comment(_ text: String) { line("# " + text) }

    mutating func section(_ title: String) {
        text += "\n"
        comment(title)
    }

    /// Creates or updates the row of `menu` with `key`. Idempotent. `raw` values are expressions.
    mutating func ensure(
        _ menu: String, key: (name: String, value: String), _ values: [(String, String)],
        raw: [(String, String)] = [], comment: String? = nil
    ) {
        let settings =
            (values.map { "\($0.0)=\(quoted($0.1))" } + raw.map { "\($0.0)=\($0.1)" }
            + (comment.map { ["comment=\(quoted($0))"] } ?? [])).joined(separator: " ")
        let key = "\(key.name)=\(quoted(key.value))"
        let found = "[\(menu) find where \(key)]"
        line(
            ":if ([:len \(found)] = 0) do={ \(menu) add \(key) \(settings) } else={ \(menu) set \(found) \(settings) }")
    }

    /// A string literal. Escapes `"`, `\` and `$`; bytes other than printable ASCII are written in hexadecimal
    /// (Scripting manual, "Constant Escape Sequences").
    func quoted(_ text: String) -> String {
        var literal = "\""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "$"):
                literal += "\\" + String(UnicodeScalar(byte))
            case UInt8(ascii: "\n"): literal += "\\n"
            case 0x20..<0x7F: literal += String(UnicodeScalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                literal += "\\" + (digits.count < 2 ? "0" : "") + digits
            }
        }
        return literal + "\""
    }
}
