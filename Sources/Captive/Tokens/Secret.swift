/// A text that must not be seen: printing, interpolating, dumping or describing it shows dots.
package struct Secret: Sendable, Hashable {
    /// The text itself. Never hand it to a logger, an error or a page.
    package let revealed: String

    package init(_ text: String) { revealed = text }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "•••" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
