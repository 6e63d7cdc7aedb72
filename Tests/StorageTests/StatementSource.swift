import Foundation
import Testing

@testable import Storage

/// A statement as written in the program's source, with its interpolated lists of columns. Tests find statements in the
/// source, so that no list of them has to be complete.
struct StatementSource: Sendable, CustomTestStringConvertible {
    /// The file and the name of the constant, such as `CouponSQL.validPage`.
    let name: String
    let sql: String
    var testDescription: String { name }

    /// Every text in Sources/Storage/Tables that begins like a statement.
    static let all: [StatementSource] = {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources/Storage/Tables")
        let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        return
            files
            .sorted { $0.lastPathComponent < $1.lastPathComponent }.flatMap { file in
                ((try? String(contentsOf: file, encoding: .utf8)) ?? "").split(separator: "\nenum ").flatMap(statements)
            }
    }()

    /// The statements of the type whose name is at the beginning of `source`.
    private static func statements(in source: Substring) -> [StatementSource] {
        let type = source.prefix { $0.isLetter }
        let texts = source.matches(
            of: #/let (?<name>\w+)[^=\n]*=\s*(?:"""(?<long>.*?)"""|"(?<short>[^"\n]*)")/#.dotMatchesNewlines())
        let found = texts.map { (name: $0.output.name, text: $0.output.long ?? $0.output.short ?? "") }
        let columns = found.first { $0.name == "columns" }?.text ?? ""
        return found.filter { $0.text.firstMatch(of: beginning) != nil }.map { name, text in
            let sql = text.replacing("\\(columns)", with: columns)
                .replacing("\\(SessionSQL.columns)", with: SessionSQL.columns)
                .replacing("\\(CouponSQL.columns)", with: CouponSQL.columns)
                .replacing(#/\\\(prefixed\(.*?, "(?<table>\w)"\)\)/#) { "\($0.output.table).*" }
                .replacing("\\\n", with: "\n")
            return StatementSource(name: "\(type).\(name)", sql: String(sql))
        }
    }

    private static var beginning: Regex<(Substring, Substring)> { #/^\s*(SELECT|INSERT|UPDATE|DELETE|WITH) /# }

    /// Returns the number of texts in the sources that begin like a statement, in any notation.
    static func statementCount(in folder: URL) throws -> Int {
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".swift") }
        return try files.filter { !$0.hasSuffix("Schema.swift") && !$0.hasSuffix("Migration.swift") }.reduce(0) {
            sum, file in
            let source = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
            return sum + source.matches(of: #/"\s*(SELECT|INSERT|UPDATE|DELETE|WITH) /#).count
        }
    }

    static var sources: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources/Storage")
    }
}
