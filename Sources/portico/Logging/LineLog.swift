import Foundation
import Logging
import Synchronization

/// Writes log lines to standard error, as text for people or JSON for machines, one write each.
///
/// Whatever a client sent is escaped: no control character reaches the terminal or starts a line of its own.
struct LineLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    var logLevel: Logger.Level
    private let label: String
    private let format: Configuration.LogFormat

    init(label: String, level: Logger.Level, format: Configuration.LogFormat) {
        self.label = label
        self.logLevel = level
        self.format = format
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { _, new in new }.sorted { $0.key < $1.key }
            .map { ($0.key, "\($0.value)") }
        let time = Date().formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true))
        let line =
            switch format {
            case .text: Self.text(time, event.level, "\(event.message)", fields)
            case .json: Self.json(time, event.level, label, "\(event.message)", fields)
            }
        // A log whose disk is full or whose reader is gone must not stop the program.
        try? FileHandle.standardError.write(contentsOf: Data(line.utf8))
    }

    private static func text(
        _ time: String, _ level: Logger.Level, _ message: String, _ fields: [(String, String)]
    ) -> String {
        let tail = fields.map { " \($0.0)=\(quoted($0.1))" }.joined()
        return "\(time) \(level.rawValue.uppercased()) \(escaped(message))\(tail)\n"
    }

    private static func json(
        _ time: String, _ level: Logger.Level, _ label: String, _ message: String, _ fields: [(String, String)]
    ) -> String {
        let head = [("time", time), ("level", level.rawValue), ("logger", label), ("message", message)]
        let members = (head + fields).map { "\"\(escaped($0.0))\":\"\(escaped($0.1))\"" }
        return "{\(members.joined(separator: ","))}\n"
    }

    private static func quoted(_ text: String) -> String {
        text.allSatisfy { $0.isLetter || $0.isNumber || "-_./:+@%".contains($0) } && !text.isEmpty
            ? text : "\"\(escaped(text))\""
    }

    /// JSON's string escapes (RFC 8259 section 7), and those of the control characters beyond ASCII.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default:
                let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.value == 0x2028
                if isControl {
                    let hex = String(scalar.value, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result
    }
}
