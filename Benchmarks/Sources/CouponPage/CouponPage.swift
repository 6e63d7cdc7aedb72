// The response of both peers: the coupon page, rendered for each request by swift-mustache from the templates that
// Portico ships, as portals usually do. Independent of the server.

package import Foundation
import Mustache

/// The coupon page of one instance. Thread-safe.
package struct CouponPage: Sendable {
    private let library: MustacheLibrary
    private let values: [String: any Sendable]

    /// Reads every `*.mustache` below `templates`, and the page's values from a JSON object of strings, booleans and
    /// objects of strings. Throws errors of reading and parsing.
    package init(templates: URL, values: URL) throws {
        library = try Self.library(templates)
        let fields = try JSONDecoder().decode([String: Value].self, from: Data(contentsOf: values))
        self.values = fields.mapValues(\.forTemplates)
    }

    /// `PEER TEMPLATES VALUES PORT`, as the driver calls a peer. Throws `WrongUsage` too.
    package static func fromCommandLine() throws -> (page: CouponPage, port: UInt16) {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let port = UInt16(arguments[3]) else { throw WrongUsage() }
        return (try CouponPage(templates: URL(filePath: arguments[1]), values: URL(filePath: arguments[2])), port)
    }

    /// Renders the page.
    package func render() -> String { library.render(values, withTemplate: "coupon") ?? "" }

    /// Removes the templates' indentation, as Portico does, so that both send the same bytes.
    private static func library(_ root: URL) throws -> MustacheLibrary {
        var library = MustacheLibrary()
        let folder = root.resolvingSymlinksInPath().path(percentEncoded: false)
        let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        for name in names where name.hasSuffix(".mustache") {
            let lines = try String(contentsOf: root.appending(path: name), encoding: .utf8).split(
                whereSeparator: \.isNewline)
            let text = lines.map { $0.drop(while: \.isWhitespace) }.filter { !$0.isEmpty }.joined(separator: "\n")
            try library.register(text + "\n", named: String(name.dropLast(".mustache".count)))
        }
        return library
    }
}

private struct WrongUsage: Error, CustomStringConvertible {
    var description: String { "usage: PEER TEMPLATES VALUES PORT" }
}

/// A JSON value.
private enum Value: Decodable {
    case text(String)
    case truth(Bool)
    case tree([String: Value])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let truth = try? container.decode(Bool.self) {
            self = .truth(truth)
        } else {
            self = .tree(try container.decode([String: Value].self))
        }
    }

    var forTemplates: any Sendable {
        switch self {
        case .text(let text): text
        case .truth(let truth): truth
        case .tree(let tree): tree.mapValues(\.forTemplates)
        }
    }
}
