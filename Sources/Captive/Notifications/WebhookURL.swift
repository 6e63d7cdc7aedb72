import Foundation

/// The address of a webhook: `https`, or `http`, with a host, and with no user, password or fragment. Printable ASCII, at
/// most 2,000 bytes. Who may be reached under it is decided when it is reached.
package struct WebhookURL: Hashable, Sendable {
    private let text: String
    /// The host as written, an IPv6 address without brackets.
    package let host: String
    /// Whether what is sent there is encrypted.
    package let isSecure: Bool
}

extension WebhookURL: LosslessStringConvertible {
    /// Nil unless all of `text` is such an address.
    package init?(_ text: String) {
        guard text.utf8.count <= 2_000, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            ["https", "http"].contains(scheme), let host = parts.host, !host.isEmpty, parts.user == nil,
            parts.password == nil, parts.fragment == nil
        else { return nil }
        self.text = text
        self.host = host.trimmingCharacters(in: ["[", "]"])
        isSecure = scheme == "https"
    }

    package var description: String { text }
}
