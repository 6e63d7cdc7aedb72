/// A text that must not be seen: printing, interpolating, dumping or describing it shows dots.
package struct Secret: Sendable, Hashable {
    private enum Content: Sendable, Hashable {
        case text(String)
        case unreadable(sealed: [UInt8])
    }

    private let content: Content

    package init(_ text: String) { content = .text(text) }

    /// A stored secret that no configured key opens. It can be kept as it is, or replaced.
    package init(unreadable sealed: [UInt8]) { content = .unreadable(sealed: sealed) }

    /// The text itself; nil if no configured key opens the stored secret. Never hand it to a logger, an error or a
    /// page.
    package var revealed: String? {
        if case .text(let text) = content { text } else { nil }
    }

    /// The sealed form of a secret that no configured key opens, nil for all others.
    package var sealedForm: [UInt8]? {
        if case .unreadable(let sealed) = content { sealed } else { nil }
    }

    /// What an admin is told of a secret without a text; completes "The router password …".
    package static let unreadableAdvice =
        "opens with no key in secret.keys; put the missing key back, or set the secret again"
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "•••" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
