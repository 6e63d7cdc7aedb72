import Foundation
import Testing

/// The bytes of a message, and the expected events.
struct WireCase: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    /// One event per line, as recorded by `Conversation`.
    let expected: [String]

    var testDescription: String { name }
    var isAccepted: Bool { name.hasPrefix("accept/") }
    var status: Int? { isAccepted ? nil : Int(name.prefix { $0 != "/" }.suffix(3)) }

    /// All cases of the corpus: `accept/*.http` with a `.expect` file, `reject-<status>/*.http` without.
    static let all: [WireCase] = {
        guard let root = Bundle.module.url(forResource: "Corpus", withExtension: nil),
            let paths = FileManager.default.subpaths(atPath: root.path)
        else { return [] }
        return paths.filter { $0.hasSuffix(".http") }.sorted().compactMap { path in
            guard let data = try? Data(contentsOf: root.appending(path: path)) else { return nil }
            let name = String(path.dropLast(5))
            let events = try? String(contentsOf: root.appending(path: name + ".expect"), encoding: .utf8)
            let status = name.prefix { $0 != "/" }.suffix(3)
            let expected = events.map { $0.split(separator: "\n").map(String.init) } ?? ["refuse \(status)"]
            return WireCase(name: name, bytes: Array(data), expected: expected)
        }
    }()
}
