import Captive

/// A colour that guests do not see as the admin chose it, because text in it could not be read.
struct ThemeWarning: Shaped {
    let field: String
    let message: String
    let correctedTo: Color

    static func warnings(of theme: Theme) -> [ThemeWarning] {
        let shown = ThemeContrast(theme)
        return shown.corrections.map { correction in
            let (field, color) = corrected(correction, in: shown, theme)
            let ratio = (correction.ratio * 10).rounded(.down) / 10
            let message =
                "The contrast of '\(correction.field)' with '\(correction.against)' is \(ratio):1, less than the "
                + "\(ThemeContrast.textRatio):1 that WCAG 2.2 asks for; guests see \(color) for '\(field)' there."
            return ThemeWarning(field: field, message: message, correctedTo: color)
        }
    }

    static let shape = Shape<ThemeWarning>(
        "ThemeWarning",
        [
            .init("field", "The field of the theme.") { $0.field },
            .init("message", "What is the matter, for people.") { $0.message },
            .init("corrected_to", "The colour that guests see.") { $0.correctedTo },
        ])

    /// Which of the two colours was changed, and to what.
    private static func corrected(
        _ correction: ThemeContrast.Correction, in shown: ThemeContrast, _ theme: Theme
    ) -> (field: String, color: Color) {
        switch (correction.field, correction.against) {
        case ("text_color", "background_color"): ("text_color", shown.textOnBackground)
        case ("text_color", _): ("text_color", shown.text)
        case ("secondary_text_color", _): ("secondary_text_color", shown.secondaryText)
        default:
            shown.accentText == theme.accentText
                ? ("accent_color", shown.accent) : ("accent_text", shown.accentText)
        }
    }
}
