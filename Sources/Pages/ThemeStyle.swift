import Captive
import Crypto
import Foundation

/// The only style sheet of a page: the venue's colours, then `page.css`.
///
/// It is inline, which saves one round trip; the Content-Security-Policy allows it by its hash.
package struct ThemeStyle: Sendable {
    /// The text between `<style>` and `</style>`.
    package let text: String
    /// `sha256-…`, as a style source of a Content-Security-Policy.
    package let hash: String
    /// `light` or `dark`, according to the colour of the box around the content.
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

    /// Returns CSS without comments, line breaks and spaces around punctuation.
    ///
    /// Only for `page.css`, whose strings contain none of these.
    static func compact(_ css: String) -> String {
        css.replacing(#/\/\*.*?\*\//#.dotMatchesNewlines(), with: "").replacing(#/\s+/#, with: " ")
            .replacing(#/\s*([{};,>])\s*/#) { $0.output.1 }.replacing(#/:\s+/#, with: ":").replacing(";}", with: "}")
    }
}
