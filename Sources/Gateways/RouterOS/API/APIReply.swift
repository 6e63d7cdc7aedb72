/// A parsed sentence from a router.
package struct APIReply: Equatable, Sendable {
    /// The type of the reply, from its first word.
    package enum Kind: Equatable, Sendable {
        /// `!re`: a row.
        case row
        /// `!done`: the command has ended. Its attributes may contain `ret`.
        case done
        /// `!trap`: the command failed; `!done` still follows.
        case trap
        /// `!fatal`: the router closes the connection.
        case fatal
        /// `!empty`: no rows (RouterOS 7.18 and newer); `!done` still follows.
        case empty
    }

    package var kind: Kind
    /// The tag of the command to which the reply belongs.
    package var tag: String?
    /// Attributes by name, without the equals signs; only those that were asked for.
    package var values: [String: String]
    /// The message of `!fatal`, which has no attributes.
    package var text: String

    /// Returns nil for an unknown reply type. Attributes other than `names` and unknown words are ignored, as the
    /// manual requires.
    package init?(_ words: [String], names: Set<String>) {
        guard let first = words.first, let kind = Self.kinds[first] else { return nil }
        self.kind = kind
        values = [:]
        text = ""
        for word in words.dropFirst() {
            if word.hasPrefix("=") {
                let attribute = word.utf8.dropFirst()
                let name = attribute.prefix { $0 != UInt8(ascii: "=") }
                guard let wanted = names.first(where: { $0.utf8.elementsEqual(name) }) else { continue }
                values[wanted] = String(Substring(attribute.dropFirst(name.count + 1)))
            } else if word.hasPrefix(Self.tagPrefix) {
                tag = tag ?? Self.tag(of: [word])
            } else if text.isEmpty {
                text = word
            }
        }
    }

    /// The tag of a sentence, found without looking at its attributes.
    package static func tag(of words: [String]) -> String? {
        words.first { $0.hasPrefix(tagPrefix) }.map { String($0.dropFirst(tagPrefix.count)) }
    }

    private static let tagPrefix = ".tag="

    private static let kinds: [String: Kind] = [
        "!re": .row, "!done": .done, "!trap": .trap, "!fatal": .fatal, "!empty": .empty,
    ]
}
