import Foundation
import Testing

/// A message as bytes on the wire, and what must come of it.
struct WireCase: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    /// One line an event, as `Conversation` writes them.
    let expected: [String]

    var testDescription: String { name }
    var isAccepted: Bool { name.hasPrefix("accept/") }
    var status: Int? { isAccepted ? nil : Int(name.prefix { $0 != "/" }.suffix(3)) }

    /// Every case of the corpus: `accept/*.http` with a sidecar, `reject-<status>/*.http`.
    static let all: [WireCase] = {
        guard let root = Bundle.module.url(forResource: "Corpus", withExtension: nil),
            let paths = FileManager.default.subpaths(atPath: root.path)
        else { return [] }
        return paths.filter { $0.hasSuffix(".http") }.sorted().compactMap { path in
            guard let data = try? Data(contentsOf: root.appending(path: path)) else { return nil }
            let name = String(path.dropLast(5))
            let sidecar = try? String(contentsOf: root.appending(path: name + ".expect"), encoding: .utf8)
            let status = name.prefix { $0 != "/" }.suffix(3)
            let expected = sidecar.map { $0.split(separator: "\n").map(String.init) } ?? ["refuse \(status)"]
            return WireCase(name: name, bytes: Array(data), expected: expected)
        }
    }()
}
