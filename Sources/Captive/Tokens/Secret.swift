/// A secret text. Printing, interpolating, dumping or describing it shows dots.
package struct Secret: Sendable, Hashable {
    private enum Content: Sendable, Hashable {
        case text(String)
        case unreadable(sealed: [UInt8])
    }

    private let content: Content

    package init(_ text: String) { content = .text(text) }

    /// A stored secret that no configured key opens. It can be stored unchanged or replaced.
    package init(unreadable sealed: [UInt8]) { content = .unreadable(sealed: sealed) }

    /// The text; nil if no configured key opens the stored secret. Must not be passed to a logger, an error or a page.
    package var revealed: String? {
        if case .text(let text) = content { text } else { nil }
    }

    /// The sealed form of a secret that no configured key opens; nil for other secrets.
    package var sealedForm: [UInt8]? {
        if case .unreadable(let sealed) = content { sealed } else { nil }
    }

    /// Completes a sentence for an admin such as "The router password …".
    package static let unreadableAdvice =
        "cannot be opened with any key in secret.keys; restore the missing key, or set the secret again"
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "•••" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
