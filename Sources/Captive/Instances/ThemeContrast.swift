/// A theme's colours as the pages use them: each text colour readable on what it stands on, whatever an admin chose.
///
/// Text reaches at least `textRatio`, shapes that must be seen (field borders, focus rings, signs) at least
/// `shapeRatio` (WCAG 2.2, 1.4.3 and 1.4.11). A colour that already does is used as it is.
package struct ThemeContrast: Sendable, Equatable {
    package static let textRatio = 4.5
    package static let shapeRatio = 3.0

    package let background: Color
    package let box: Color
    package let border: Color
    /// On `box`.
    package let text: Color
    package let secondaryText: Color
    /// On `background`.
    package let textOnBackground: Color
    /// What `accentText` stands on: the accent colour, or a shade of it too near to be called another.
    package let accent: Color
    package let accentText: Color
    /// `accent` under a pointer: a little further from `accentText`.
    package let accentPressed: Color
    /// The accent colour as text on `box`.
    package let link: Color
    /// The accent colour as a shape on `box`, such as the ring around what has the focus.
    package let mark: Color
    /// The border colour around a field on `box`.
    package let field: Color
    /// A breath of the accent colour on `box`, for decoration only.
    package let tint: Color
    /// `link` and `mark` on `tint`.
    package let linkOnTint: Color
    package let markOnTint: Color
    /// An error, and what it stands on.
    package let alert: Color
    package let alertTint: Color
    /// Text colours that could not be used as given, in the order of the theme's fields.
    package let corrections: [Correction]

    /// One text colour that failed on one of the colours behind it.
    package struct Correction: Sendable, Equatable {
        /// As the control API names them, such as `secondary_text_color` and `box_color`.
        package let field: String
        package let against: String
        /// What the two colours given have, 1 to `textRatio`.
        package let ratio: Double
    }

    package init(_ theme: Theme) {
        (background, box, border) = (theme.backgroundColor, theme.boxColor, theme.borderColor)
        text = theme.textColor.readable(on: box)
        secondaryText = theme.secondaryTextColor.readable(on: box)
        textOnBackground = theme.textColor.readable(on: background)
        accent = theme.accentColor.nudged(under: theme.accentText)
        accentText = theme.accentText.readable(on: accent)
        let away = accentText.relativeLuminance > accent.relativeLuminance ? -0.05 : 0.05
        accentPressed = accent.withLightness(accent.lightness + away)
        link = theme.accentColor.readable(on: box)
        mark = theme.accentColor.readable(on: box, ratio: Self.shapeRatio)
        field = theme.borderColor.readable(on: box, ratio: Self.shapeRatio)
        tint = theme.accentColor.mixed(over: box, share: 0.12)
        linkOnTint = theme.accentColor.readable(on: tint)
        markOnTint = theme.accentColor.readable(on: tint, ratio: Self.shapeRatio)
        let red = Self.red.readable(on: box)
        alertTint = red.mixed(over: box, share: 0.08)
        alert = red.readable(on: alertTint)
        corrections = Self.corrections(of: theme)
    }

    private static let red = Color(red: 0xC6, green: 0x28, blue: 0x28)

    private static func corrections(of theme: Theme) -> [Correction] {
        let (box, background) = (("box_color", theme.boxColor), ("background_color", theme.backgroundColor))
        let pairs = [
            ("accent_text", theme.accentText, ("accent_color", theme.accentColor)),
            ("text_color", theme.textColor, box), ("text_color", theme.textColor, background),
            ("secondary_text_color", theme.secondaryTextColor, box),
        ]
        return pairs.compactMap { field, color, behind in
            let ratio = color.contrast(with: behind.1)
            return ratio < textRatio ? Correction(field: field, against: behind.0, ratio: ratio) : nil
        }
    }
}

extension Color {
    /// This colour, or the nearest lightness of it that has `ratio` on `background`.
    ///
    /// Light text stays light and dark text dark while that is possible; text that must change sides goes far enough
    /// (7:1 where there is room) to look meant. `ratio` is at most 4.58, which black or white has on every colour.
    package func readable(on background: Color, ratio: Double = ThemeContrast.textRatio) -> Color {
        guard contrast(with: background) < ratio else { return self }
        let isLighter = relativeLuminance > background.relativeLuminance
        if let near = moved(towards: isLighter ? .white : .black, on: background, ratio: ratio) { return near }
        let other = isLighter ? Color.black : .white
        return moved(towards: other, on: background, ratio: max(ratio, 7)) ?? other
    }

    /// This colour as a surface under `text`: a shade of it that `text` can be read on, if one is near enough to pass
    /// for the same colour; itself otherwise.
    func nudged(under text: Color) -> Color {
        guard contrast(with: text) < ThemeContrast.textRatio else { return self }
        let end: Color = text.relativeLuminance > relativeLuminance ? .black : .white
        let shade = moved(towards: end, on: text, ratio: ThemeContrast.textRatio)
        guard let shade, abs(shade.lightness - lightness) <= Self.nudge else { return self }
        return shade
    }

    /// Steps of OKLab lightness within which a button is still "the venue's blue".
    private static let nudge = 0.12

    /// The smallest step of lightness towards black or white that has `ratio` on `background`; nil if none has.
    private func moved(towards end: Color, on background: Color, ratio: Double) -> Color? {
        guard end.contrast(with: background) >= ratio else { return nil }
        var (near, far, best) = (lightness, end.lightness, end)
        for _ in 0..<12 {
            let middle = (near + far) / 2
            let candidate = withLightness(middle)
            if candidate.contrast(with: background) >= ratio {
                (far, best) = (middle, candidate)
            } else {
                near = middle
            }
        }
        return best
    }
}
