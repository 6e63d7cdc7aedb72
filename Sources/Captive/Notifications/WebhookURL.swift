package import NetworkAddress

/// The address of a webhook: an `https` or `http` URL without user, password and fragment (RFC 3986), at most 2,000
/// bytes. The addresses that a call may connect to are checked when it connects.
package struct WebhookURL: Hashable, Sendable {
    private let text: String
    /// Whether the scheme is `https`.
    package let isSecure: Bool
    /// The host if it is an IP address; nil if it is a name.
    package let address: IPAddress?

    private static let punctuation = Set("-._~:/?[]@!$&'()*+,;=%".utf8)
}

extension WebhookURL: LosslessStringConvertible {
    /// Nil unless `text` is a valid webhook URL.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, ["https:", "http:"].contains(parts[0].lowercased()), parts[1].isEmpty,
            text.utf8.count <= 2_000, text.utf8.allSatisfy({ Self.isAlphanumeric($0) || Self.punctuation.contains($0) })
        else { return nil }
        let authority = parts[2].prefix { $0 != "/" && $0 != "?" }
        guard let host = Self.host(of: authority) else { return nil }
        self.text = text
        isSecure = parts[0].lowercased() == "https:"
        address = IPAddress(host)
    }

    /// Returns the host without port and brackets; nil if it is malformed.
    private static func host(of authority: Substring) -> Substring? {
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            let host = authority[..<end].dropFirst()
            return isPort(authority[end...].dropFirst()) && host.contains(":") && IPAddress(host) != nil ? host : nil
        }
        let host = authority.prefix { $0 != ":" }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        let isName = labels.allSatisfy { label in
            (1...63).contains(label.utf8.count)
                && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
        }
        return isName && isPort(authority[host.endIndex...]) ? host : nil
    }

    private static func isPort(_ text: Substring) -> Bool {
        guard !text.isEmpty else { return true }
        let digits = text.dropFirst()
        return text.first == ":" && digits.first != "0" && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
            && UInt16(digits, in: 0...65_535) != nil
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte)
    }

    package var description: String { text }
}
