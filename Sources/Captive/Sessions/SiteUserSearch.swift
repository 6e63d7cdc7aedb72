package import NetworkAddress

/// The possible meanings of a search text for a site's users. A user matches if any of the meanings does.
package struct SiteUserSearch: Sendable, Equatable {
    /// A part of the person's name or e-mail address or of the device's kind, case-insensitive. Nil for a complete MAC
    /// address, which occurs in none of these.
    package var words: String?
    package var mac: MACAddress?
    package var macPart: MACAddressPart?
    /// The code of the coupon that the user redeemed.
    package var code: CouponCode?

    package init(_ text: String) {
        mac = MACAddress(text)
        guard mac == nil else { return }
        words = text
        macPart = MACAddressPart(text)
        code = CouponCode(typed: text)
    }
}
