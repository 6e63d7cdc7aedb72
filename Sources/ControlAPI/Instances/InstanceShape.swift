import Captive
import Foundation
import NetworkAddress

extension Instance: Listed {}

extension Shape where Value == Instance {
    /// The instance as the API prints it.
    static func instance(_ links: Links) -> Shape {
        Shape(
            "Instance",
            [
                .init("id", "The instance's ID.") { $0.id },
                .init("auth_integration_id", "Where guests sign in; null for `coupon`.") { $0.integrationID },
                .init("strategy", "How guests prove that they may be online.") { $0.strategy },
                .init("name", "A name for admins and guests.") { $0.name },
                .init("session_ttl", "Seconds that a guest is online, from the router's confirmation on.") {
                    $0.sessionTTL
                },
                .init("auth_window_ttl", "Seconds that the way to the identity provider stays open to a guest.") {
                    $0.authWindowTTL
                },
                .init("coupon_ttl", "Seconds; kept for older programs, and without effect.") { $0.couponTTL },
                .init("theme", "The looks of the guests' pages.") { ShownTheme($0.theme, links) },
                .init("terms_text", "The terms that guests agree to; null for none.") { $0.termsText },
                .init("locale", "The language of guests whose own the portal does not speak.") { $0.locale },
                .init("sites", "Where the instance is active.") { $0.sites },
                .init("created_at", "When it was made.") { $0.createdAt },
                .init("preview_url", "Shows the page to an admin; good for a day.", schema: .uri) {
                    links.preview(of: $0.id)
                },
                .init("warnings", "What guests see otherwise than it was set.") {
                    ThemeWarning.warnings(of: $0.theme)
                },
                .init("venue_info_url", "Where guests read about the venue (RFC 8908); null for nowhere.") {
                    $0.venueInfoURL
                },
            ])
    }
}

extension VenueInfoURL: JSONRepresentable {
    static var schema: Schema { .uri }
    var json: JSONValue { .string(description) }
}

extension Instance.Strategy: JSONRepresentable {}

extension Instance.SiteSubnets: Shaped {
    static let shape = Shape<Self>(
        "InstanceSite",
        [
            .init("id", "The site's ID.") { $0.siteID },
            .init("subnets", "The guests' IPv4 networks there, in CIDR notation.") { $0.subnets },
        ])
}

/// A theme with the addresses of its images.
private struct ShownTheme: Shaped {
    let theme: Theme
    let logo: String?
    let icon: String?

    init(_ theme: Theme, _ links: Links) {
        self.theme = theme
        logo = theme.logo.map { links.image($0, as: .logo) }
        icon = theme.icon.map { links.image($0, as: .icon) }
    }

    static let shape = Shape<Self>(
        "Theme",
        [
            .init("logo", "The signed address of the logo; null without one.", schema: .uri.nullable) { $0.logo },
            .init("icon", "The signed address of the icon; null without one.", schema: .uri.nullable) { $0.icon },
        ]
            + ThemeChanges.fields.map { field in .init(field.name, field.sentence) { $0.theme[keyPath: field.place] } })
}
