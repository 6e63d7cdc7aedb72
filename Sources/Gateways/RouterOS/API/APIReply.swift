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
    /// Attributes by name, without the equals signs.
    package var values: [String: String]
    /// The message of `!fatal`, which has no attributes.
    package var text: String

    /// Returns nil for an unknown reply type. Unknown words are ignored, as the manual requires.
    package init?(_ words: [String]) {
        guard let first = words.first, let kind = Self.kinds[first] else { return nil }
        self.kind = kind
        values = [:]
        text = ""
        for word in words.dropFirst() {
            if word.hasPrefix("=") {
                let parts = word.dropFirst().split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                values[String(parts[0])] = parts.count == 2 ? String(parts[1]) : ""
            } else if word.hasPrefix(".tag=") {
                tag = String(word.dropFirst(5))
            } else if text.isEmpty {
                text = word
            }
        }
    }

    private static let kinds: [String: Kind] = [
        "!re": .row, "!done": .done, "!trap": .trap, "!fatal": .fatal, "!empty": .empty,
    ]
}
