package import NetworkAddress

/// What a text can mean by which somebody looks for a site's users. A user is found by any of the meanings.
package struct SiteUserSearch: Sendable, Equatable {
    /// A part of the person's name or e-mail address or of the device's kind, whatever the case. Nil for a whole MAC
    /// address, which is no part of those.
    package var words: String?
    package var mac: MACAddress?
    package var macPart: MACAddressPart?
    /// The code of the coupon that let the user in.
    package var code: CouponCode?

    package init(_ text: String) {
        mac = MACAddress(text)
        guard mac == nil else { return }
        words = text
        macPart = MACAddressPart(text)
        code = CouponCode(typed: text)
    }
}
