import Foundation
package import NetworkAddress

/// A filter for a site's users. A nil field matches every user.
package struct SiteUserFilter: Sendable, Equatable {
    package var status: GuestSession.Status?
    package var mac: MACAddress?
    package var ip: IPAddress?
    /// A part of the person's name or e-mail address or of the device's kind, case-insensitive; a MAC address or a part
    /// of one; or a coupon code: see `SiteUserSearch`. At most 100 characters.
    package var text: String?

    package init(
        status: GuestSession.Status? = nil, mac: MACAddress? = nil, ip: IPAddress? = nil, text: String? = nil
    ) {
        self.status = status
        self.mac = mac
        self.ip = ip
        self.text = text
    }
}
