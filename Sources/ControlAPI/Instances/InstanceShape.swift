import Captive
import Foundation
import NetworkAddress

extension Instance: Pageable {}

extension Shape where Value == Instance {
    /// The representation of an instance.
    static func instance(_ urls: PortalURLs) -> Shape {
        Shape(
            "Instance",
            [
                .init("id", "The instance's ID.") { $0.id },
                .init("auth_integration_id", "The ID of the auth integration; null for `coupon`.") { $0.integrationID },
                .init("strategy", "How guests authenticate.") { $0.strategy },
                .init("name", "The name, shown to admins and guests.") { $0.name },
                .init("session_ttl", "Session length in seconds, counted from when the router lets the device in.") {
                    $0.sessionTTL
                },
                .init(
                    "auth_window_ttl", "How long (seconds) a guest may reach the identity provider before signing in."
                ) {
                    $0.authWindowTTL
                },
                .init("coupon_ttl", "Deprecated; has no effect.") { $0.couponTTL },
                .init("theme", "The colors and images of the guest pages.") { ThemeRepresentation($0.theme, urls) },
                .init("terms_text", "The terms that guests agree to; null if none.") { $0.termsText },
                .init("locale", "Fallback language if the guest's language is not available.") { $0.locale },
                .init("sites", "The sites and subnets where the instance is active.") { $0.sites },
                .init("created_at", "When the instance was created.") { $0.createdAt },
                .init("preview_url", "URL of a preview of the guest page; valid for 24 hours.", schema: .uri) {
                    urls.preview(of: $0.id)
                },
                .init("warnings", "Theme colors that were adjusted for readability.") {
                    ThemeWarning.warnings(of: $0.theme)
                },
                .init("venue_info_url", "Page about the venue (`venue-info-url` of RFC 8908); null if none.") {
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
            .init("subnets", "The IPv4 subnets of the guest network, in CIDR notation.") { $0.subnets },
        ])
}

/// A theme with the URLs of its images.
private struct ThemeRepresentation: Shaped {
    let theme: Theme
    let logo: String?
    let icon: String?

    init(_ theme: Theme, _ urls: PortalURLs) {
        self.theme = theme
        logo = theme.logo.map { urls.image($0, as: .logo) }
        icon = theme.icon.map { urls.image($0, as: .icon) }
    }

    static let shape = Shape<Self>(
        "Theme",
        [
            .init("logo", "Signed URL of the logo; null if none.", schema: .uri.nullable) { $0.logo },
            .init("icon", "Signed URL of the icon; null if none.", schema: .uri.nullable) { $0.icon },
        ]
            + ThemeChanges.fields.map { field in
                .init(field.name, field.description) { $0.theme[keyPath: field.keyPath] }
            })
}
