import Foundation
import NetworkAddress

/// The available languages of the pages. Thread-safe.
package struct Languages: Sendable {
    /// The languages by tag in lower case.
    private let languages: [String: Language]
    private let tags: Set<String>
    private let english: Language
    /// Negotiated languages by header; most browsers send one of few headers.
    private let negotiated = BoundedCache<String, Language?>(capacity: 1024)

    /// Size limit of a header to cache, in bytes; browsers do not send longer ones.
    private static let usualLength = 256

    /// Reads `locales/*.json` of each directory; a file in an earlier directory overrides the same file in a later one.
    ///
    /// A message that a file lacks comes from `en`. Throws `PageFileError` if a file is not an object of strings, or if
    /// there is no `en`.
    package init(directories: [String]) throws {
        var found: [String: [String: String]] = [:]
        for file in PageFiles(directories: directories).files(under: "locales", withExtension: "json") {
            guard let messages = try? JSONDecoder().decode([String: String].self, from: Data(file.bytes.streamSafeJSON))
            else {
                throw PageFileError(path: file.path, reason: "is not a JSON object of strings")
            }
            found[file.name] = messages
        }
        guard let english = found["en"] else {
            throw PageFileError(path: "locales/en.json", reason: "is missing")
        }
        self.english = Language(tag: "en", messages: english)
        languages = Dictionary(
            found.map { ($0.key.lowercased(), Language(tag: $0.key, messages: english.merging($0.value) { $1 })) },
            uniquingKeysWith: { first, _ in first })
        tags = Set(languages.keys)
    }

    /// All languages, sorted by tag.
    package var all: [Language] { languages.values.sorted { $0.tag < $1.tag } }

    /// Returns the language of that tag, or of the nearest more general tag.
    package func language(_ tag: String) -> Language? {
        AcceptLanguage.lookup([tag.lowercased()], in: tags).flatMap { languages[$0] }
    }

    /// Returns the guest's language: the first preferred one that is available, else the instance's, else English.
    package func negotiate(_ acceptLanguage: String?, fallback: String? = nil) -> Language {
        if let language = acceptLanguage.flatMap(wanted) { return language }
        return fallback.flatMap { languages[$0] ?? language($0) } ?? english
    }

    private func wanted(_ header: String) -> Language? {
        header.utf8.count > Self.usualLength ? lookup(header) : negotiated.value(header) { lookup(header) }
    }

    private func lookup(_ header: String) -> Language? {
        AcceptLanguage.lookup(AcceptLanguage.ranges(header), in: tags).flatMap { languages[$0] }
    }
}
