/// The address of a page about the venue (RFC 8908 section 5, `venue-info-url`): `https` or `http` with a host and an
/// optional fragment, without user and password. At most 2,000 bytes.
package struct VenueInfoURL: Hashable, Sendable {
    private let text: String
}

extension VenueInfoURL: LosslessStringConvertible {
    /// Returns nil unless `text` is such an address.
    package init?(_ text: String) {
        let parts = text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        // A fragment has the same characters as a query (RFC 3986 section 3.5).
        guard WebhookURL(String(parts[0])) != nil, parts.count == 1 || WebhookURL("http://a/?\(parts[1])") != nil,
            text.utf8.count <= 2_000
        else { return nil }
        self.text = text
    }

    package var description: String { text }
}
