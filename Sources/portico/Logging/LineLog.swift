import Foundation
import Logging

/// Formats log events as lines of text or JSON, and writes them to standard error.
///
/// Escapes characters that would start a new line, control the terminal, are invisible, or change the text direction,
/// because values may come from clients.
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
        LogWriter.standardError.write(line(event.level, "\(event.message)", fields)) { dropped in
            line(.warning, "dropped log lines because standard error was not read", [("lines", "\(dropped)")])
        }
    }

    private func line(_ level: Logger.Level, _ message: String, _ fields: [(String, String)]) -> String {
        let time = Date().formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true))
        return switch format {
        case .text: Self.text(time, level, message, fields)
        case .json: Self.json(time, level, label, message, fields)
        }
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
        text.unicodeScalars.allSatisfy(isPlain) && !text.isEmpty ? text : "\"\(escaped(text))\""
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        let properties = scalar.properties
        return properties.isAlphabetic || properties.numericType != nil || "-_./:+@%".unicodeScalars.contains(scalar)
    }

    /// Control characters, line separators, and format characters, which are invisible or change the text direction
    /// (Unicode Standard, section 23.2).
    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        [.control, .format, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
    }

    /// JSON's string escapes (RFC 8259 section 7).
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where isHidden(scalar): result += String(scalar).utf16.map(codeUnit).joined()
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func codeUnit(_ unit: UInt16) -> String {
        let hex = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
    }
}
