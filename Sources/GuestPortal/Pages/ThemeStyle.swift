import Captive
import Crypto
import Foundation

/// The one style sheet of a page: the venue's colours, then `page.css`.
///
/// It stands in the page, which saves a guest a round trip, and its hash in the
/// Content-Security-Policy is what allows it.
package struct ThemeStyle: Sendable {
    /// What stands between `<style>` and `</style>`.
    package let text: String
    /// `sha256-…`, as a style source of a Content-Security-Policy.
    package let hash: String
    /// `light` or `dark`, after the box that everything stands in.
    let scheme: String

    init(_ colors: ThemeContrast, css: String) {
        let properties = Self.properties(colors).map { "--\($0):\($1)" }.joined(separator: ";")
        text = ":root{\(properties)}" + css
        hash = "sha256-" + Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString()
        scheme = colors.box.relativeLuminance < 0.18 ? "dark" : "light"
    }

    private static func properties(_ colors: ThemeContrast) -> [(String, Color)] {
        [
            ("background", colors.background), ("text-out", colors.textOnBackground),
            ("box", colors.box), ("border", colors.border), ("text", colors.text), ("secondary", colors.secondaryText),
            ("accent", colors.accent), ("accent-text", colors.accentText), ("pressed", colors.accentPressed),
            ("link", colors.link), ("mark", colors.mark), ("field", colors.field),
            ("tint", colors.tint), ("link-tint", colors.linkOnTint), ("mark-tint", colors.markOnTint),
            ("alert", colors.alert), ("alert-tint", colors.alertTint),
        ]
    }

    /// CSS without what only its authors read: comments, line breaks, spaces around punctuation.
    ///
    /// Made for `page.css`, whose strings hold none of these.
    static func compact(_ css: String) -> String {
        css.replacing(#/\/\*.*?\*\//#.dotMatchesNewlines(), with: "").replacing(#/\s+/#, with: " ")
            .replacing(#/\s*([{};,>])\s*/#) { $0.output.1 }.replacing(#/:\s+/#, with: ":").replacing(";}", with: "}")
    }
}
