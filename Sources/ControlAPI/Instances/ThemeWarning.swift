import Captive

/// A theme color that is replaced on the guest pages because text would not be readable.
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
                "The contrast between '\(correction.field)' and '\(correction.against)' is \(ratio):1, below the "
                + "\(ThemeContrast.textRatio):1 that WCAG 2.2 requires. Guests see \(color) instead of '\(field)'."
            return ThemeWarning(field: field, message: message, correctedTo: color)
        }
    }

    static let shape = Shape<ThemeWarning>(
        "ThemeWarning",
        [
            .init("field", "The theme field.") { $0.field },
            .init("message", "A description of the problem.") { $0.message },
            .init("corrected_to", "The color that guests see.") { $0.correctedTo },
        ])

    /// Which of the two colors was replaced, and by which.
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
