/// The subset of JSON that RouterOS's REST interface uses: accepts objects of strings, numbers, booleans and lists of
/// these; returns only strings.
enum WireJSON {
    enum Value: Equatable {
        case text(String)
        case list([String])
    }

    /// The members of an object; nil unless `bytes` are exactly one object.
    static func object(_ bytes: [UInt8]) -> [String: Value]? {
        var reader = WireJSONReader(bytes)
        guard let members = reader.readObject(), reader.isAtEnd else { return nil }
        return members
    }

    static func object(_ row: [String: String]) -> String {
        let members = row.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
        return "{\(members.joined(separator: ","))}"
    }

    static func array(_ rows: [[String: String]]) -> String { "[\(rows.map { object($0) }.joined(separator: ","))]" }

    static func quoted(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }) else { return "\"\(text)\"" }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
