package import Captive
package import Foundation

/// The parts of an instance that a page shows.
package struct Venue: Sendable {
    package var instanceID: UUID
    package var revision: Int
    package var name: String
    package var theme: Theme
    package var termsText: String?
    package var infoURL: VenueInfoURL?
    /// Addresses of the theme's images on this origin, beginning with `/`.
    package var logoURL: String?
    package var iconURL: String?

    /// - Parameter image: the address of a theme image.
    package init(_ instance: Instance, image: (ThemeImage, ThemeImage.Kind) -> String) {
        instanceID = instance.id
        revision = instance.revision
        name = instance.name
        theme = instance.theme
        termsText = instance.termsText
        infoURL = instance.venueInfoURL
        logoURL = instance.theme.logo.map { image($0, .logo) }
        iconURL = instance.theme.icon.map { image($0, .icon) }
    }
}

/// The inputs of a page.
package struct PageContext: Sendable {
    package var page: GuestPage
    package var language: Language
    /// Nil if the instance is unknown: the page then has the default theme and no name.
    package var venue: Venue?
    /// Whether the page is a preview for an admin: it is marked as such, and its form is disabled.
    package var isPreview: Bool

    package init(_ page: GuestPage, in language: Language, of venue: Venue? = nil, isPreview: Bool = false) {
        self.page = page
        self.language = language
        self.venue = venue
        self.isPreview = isPreview
    }
}
