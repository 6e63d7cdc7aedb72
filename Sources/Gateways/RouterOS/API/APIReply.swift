/// One sentence of a router, understood.
package struct APIReply: Equatable, Sendable {
    /// What the first word says.
    package enum Kind: Equatable, Sendable {
        /// `!re`: a row.
        case row
        /// `!done`: the command is over. Its attributes may hold `ret`.
        case done
        /// `!trap`: the command failed; `!done` still follows.
        case trap
        /// `!fatal`: the router ends the connection.
        case fatal
        /// `!empty`: there are no rows (RouterOS 7.18 and newer); `!done` still follows.
        case empty
    }

    package var kind: Kind
    /// Which of the commands under way it belongs to.
    package var tag: String?
    /// By name, without the equals signs; only those with a name that was asked for.
    package var values: [String: String]
    /// What `!fatal` says instead of attributes.
    package var text: String

    /// Nil for a sentence that no router sends. Attributes other than `names` are passed over, and so are words of a
    /// kind that this program does not know, as the manual wants it.
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
