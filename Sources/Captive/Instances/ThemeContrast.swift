/// A theme's colours as the pages use them, corrected where needed so that text is readable on its background.
///
/// Text has a contrast of at least `textRatio`, and visible shapes (field borders, focus rings, signs) of at least
/// `shapeRatio` (WCAG 2.2, 1.4.3 and 1.4.11). Colours that meet this are not changed.
package struct ThemeContrast: Sendable, Equatable {
    package static let textRatio = 4.5
    package static let shapeRatio = 3.0

    package let background: Color
    package let box: Color
    package let border: Color
    /// Text on `box`.
    package let text: Color
    package let secondaryText: Color
    /// Text on `background`.
    package let textOnBackground: Color
    /// The background of `accentText`: the accent colour or a similar shade.
    package let accent: Color
    package let accentText: Color
    /// `accent` for the hover and pressed states, with slightly more contrast to `accentText`.
    package let accentPressed: Color
    /// The accent colour as text on `box`.
    package let link: Color
    /// The accent colour as a shape on `box`, such as a focus ring.
    package let mark: Color
    /// The border colour of a field on `box`.
    package let field: Color
    /// A 12 % tint of the accent colour on `box`, for decoration only.
    package let tint: Color
    /// `link` and `mark` on `tint`.
    package let linkOnTint: Color
    package let markOnTint: Color
    /// The text colour of errors and its background.
    package let alert: Color
    package let alertTint: Color
    /// Text colours that were corrected, in the order of the theme's fields.
    package let corrections: [Correction]

    /// A text colour with insufficient contrast to one of its backgrounds.
    package struct Correction: Sendable, Equatable {
        /// Field names of the control API, such as `secondary_text_color` and `box_color`.
        package let field: String
        package let against: String
        /// The contrast of the two original colours, 1 to `textRatio`.
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
    /// This colour, or the nearest lightness of it with a contrast of `ratio` to `background`.
    ///
    /// Light text remains light and dark text dark if possible. Otherwise the result has a contrast of 7:1 if possible,
    /// so that it looks intended. `ratio` is at most 4.58, which black or white has on every colour.
    package func readable(on background: Color, ratio: Double = ThemeContrast.textRatio) -> Color {
        guard contrast(with: background) < ratio else { return self }
        let isLighter = relativeLuminance > background.relativeLuminance
        if let near = moved(towards: isLighter ? .white : .black, on: background, ratio: ratio) { return near }
        let other = isLighter ? Color.black : .white
        return moved(towards: other, on: background, ratio: max(ratio, 7)) ?? other
    }

    /// This colour as a background of `text`: a shade with sufficient contrast if there is one within `nudge`, and the
    /// unchanged colour otherwise.
    func nudged(under text: Color) -> Color {
        guard contrast(with: text) < ThemeContrast.textRatio else { return self }
        let end: Color = text.relativeLuminance > relativeLuminance ? .black : .white
        let shade = moved(towards: end, on: text, ratio: ThemeContrast.textRatio)
        guard let shade, abs(shade.lightness - lightness) <= Self.nudge else { return self }
        return shade
    }

    /// The largest change of OKLab lightness at which a button keeps the venue's colour.
    private static let nudge = 0.12

    /// The nearest lightness towards black or white with a contrast of `ratio` to `background`. Returns nil if there is
    /// none.
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
