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
    /// By name, without the equals signs.
    package var values: [String: String]
    /// What `!fatal` says instead of attributes.
    package var text: String

    /// Nil for a sentence that no router sends. Words of a kind that this program does not know are passed over, as the
    /// manual wants it.
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
