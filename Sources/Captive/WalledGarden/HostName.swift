/// A host name in a walled garden: letters, digits and hyphens between dots (RFC 1123 section 2.1), at least two
/// labels, lower case. The prefix `*.` matches all names below it. Names in other scripts use their `xn--` form.
package struct HostName: Hashable, Sendable {
    package let text: String

    /// Returns nil for any other text, including IP addresses.
    package init?(_ text: String) {
        let name = text.lowercased()
        let labels = (name.hasPrefix("*.") ? name.dropFirst(2) : name[...])
            .split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count > 1, name.utf8.count <= 253, labels.allSatisfy(Self.isLabel),
            labels.last?.utf8.contains(where: Self.isLetter) == true
        else { return nil }
        self.text = name
    }

    private static func isLabel(_ label: Substring) -> Bool {
        let bytes = label.utf8
        return (1...63).contains(bytes.count) && bytes.first != hyphen && bytes.last != hyphen
            && bytes.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || $0 == hyphen }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }
    private static let hyphen = UInt8(ascii: "-")
}
