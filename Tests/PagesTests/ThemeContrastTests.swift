import Captive
import Foundation
import Testing

@testable import Pages

struct ThemeContrastTests {
    @Test func `contrast matches the examples of WCAG`() throws {
        let white = try #require(Color("#FFF"))
        #expect(try #require(Color("#000000")).contrast(with: white) == 21)
        #expect(white.contrast(with: white) == 1)
        #expect(abs(try #require(Color("#767676")).contrast(with: white) - 4.54) < 0.01)
        #expect(abs(try #require(Color("#0396d5")).contrast(with: white) - 3.32) < 0.01)
    }

    @Test func `a colour with its own lightness is unchanged`() {
        var dice = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let color = Self.random(&dice)
            let again = color.withLightness(color.lightness)
            #expect(abs(Int(color.red) - Int(again.red)) <= 1)
            #expect(abs(Int(color.green) - Int(again.green)) <= 1)
            #expect(abs(Int(color.blue) - Int(again.blue)) <= 1)
        }
    }

    @Test func `every text is readable in any theme`() {
        var dice = SystemRandomNumberGenerator()
        for _ in 0..<1000 {
            let theme = Self.randomTheme(&dice)
            let colors = ThemeContrast(theme)
            let texts = [
                (colors.text, colors.box), (colors.secondaryText, colors.box), (colors.link, colors.box),
                (colors.textOnBackground, colors.background), (colors.accentText, colors.accent),
                (colors.linkOnTint, colors.tint), (colors.alert, colors.alertTint),
            ]
            for (text, behind) in texts { #expect(text.contrast(with: behind) >= 4.5, "\(theme)") }
            for shape in [colors.mark, colors.field] { #expect(shape.contrast(with: colors.box) >= 3, "\(theme)") }
            #expect(colors.markOnTint.contrast(with: colors.tint) >= 3, "\(theme)")
        }
    }

    @Test func `a pressed button is no less readable`() {
        var dice = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let colors = ThemeContrast(Self.randomTheme(&dice))
            #expect(colors.accentText.contrast(with: colors.accentPressed) >= 4.4)
        }
    }

    @Test func `colours that are readable are used as they are`() throws {
        var theme = Theme()
        theme.accentColor = try #require(Color("#1f6f50"))
        theme.secondaryTextColor = try #require(Color("#5f6f67"))
        let colors = ThemeContrast(theme)
        #expect(colors.accent == theme.accentColor)
        #expect(colors.accentText == theme.accentText)
        #expect(colors.text == theme.textColor)
        #expect(colors.secondaryText == theme.secondaryTextColor)
        #expect(colors.corrections.isEmpty)
    }

    @Test func `the documented default is corrected where it fails and nowhere else`() {
        let colors = ThemeContrast(Theme())
        #expect(colors.corrections.map(\.field) == ["accent_text", "secondary_text_color"])
        #expect(colors.corrections.map(\.against) == ["accent_color", "box_color"])
        #expect(colors.accentText == Theme().accentText)
        #expect(abs(colors.accent.lightness - Theme().accentColor.lightness) < 0.12)
    }

    @Test func `white on yellow becomes dark instead of the yellow brown`() throws {
        var theme = Theme()
        theme.accentColor = try #require(Color("#ffff00"))
        let colors = ThemeContrast(theme)
        #expect(colors.accent == theme.accentColor)
        #expect(colors.accentText.contrast(with: colors.accent) >= 6.9)
    }

    private static func randomTheme(_ dice: inout some RandomNumberGenerator) -> Theme {
        var theme = Theme()
        (theme.accentText, theme.accentColor) = (random(&dice), random(&dice))
        (theme.textColor, theme.secondaryTextColor) = (random(&dice), random(&dice))
        (theme.backgroundColor, theme.borderColor, theme.boxColor) = (random(&dice), random(&dice), random(&dice))
        return theme
    }

    private static func random(_ dice: inout some RandomNumberGenerator) -> Color {
        Color(
            red: .random(in: 0...255, using: &dice), green: .random(in: 0...255, using: &dice),
            blue: .random(in: 0...255, using: &dice))
    }
}
