import Captive
import Foundation

/// Renders the guest's pages from the templates of some directories. Thread-safe.
package struct PageRenderer: Sendable {
    package let languages: Languages
    private let templates: PageTemplates
    private let errors: APIErrorGuide
    private let styles = BoundedCache<[Color], ThemeStyle>(capacity: 1024)

    /// Reads templates, style sheet and languages; a file in an earlier directory overrides the same file in a later
    /// one. Throws `PageFileError`.
    package init(directories: [String]) throws {
        languages = try Languages(directories: directories)
        templates = try PageTemplates(directories: directories)
        errors = try APIErrorGuide(directories: directories)
    }

    /// Returns the page as HTML of some kilobytes; cache shared pages.
    package func render(_ context: PageContext) -> RenderedPage {
        let page = PageValues(context.page, in: context.language)
        return render(page.template, page.values, context, refresh: context.page.refresh)
    }

    /// Returns the page for an error code of the control API, in English; nil for a code that does not exist.
    package func renderAPIError(_ code: String) -> RenderedPage? {
        guard let entry = errors[code], let english = languages.language("en") else { return nil }
        let values: [String: Any] = [
            "brand": "Control API", "title": code, "code": code, "text": entry.meaning, "status": entry.status,
            "type": entry.type,
            "remedy": entry.remedy, "wide": true,
        ]
        return render("api-error", values, PageContext(.problem(.missing), in: english), refresh: nil)
    }

    /// An admin's report of a sign-in test, in English.
    func renderAuthTest(_ values: [String: Any]) -> RenderedPage {
        let english = languages.negotiate(nil, fallback: "en")
        let style = ThemeStyle(ThemeContrast(Theme()), css: templates.css + templates.reportCSS)
        let context = PageContext(.problem(.missing), in: english)
        let html = templates.render(frame(context, style).merging(values) { $1 }, with: "auth-test")
        return RenderedPage(
            html: Array(html.utf8), styleHash: style.hash, languageTag: english.tag, refresh: nil)
    }

    /// The control API's reference, in English.
    func renderReference(_ values: [String: Any]) -> RenderedPage {
        let english = languages.negotiate(nil, fallback: "en")
        let style = ThemeStyle(ThemeContrast(Theme()), css: templates.css + templates.referenceCSS)
        let context = PageContext(.problem(.missing), in: english)
        let html = templates.render(frame(context, style).merging(values) { $1 }, with: "reference")
        return RenderedPage(html: Array(html.utf8), styleHash: style.hash, languageTag: english.tag, refresh: nil)
    }

    /// Returns a sheet of coupons. A printed sheet has no coloured background: `--ink` is the accent colour as text on
    /// white.
    func renderCouponSheet(_ values: [String: Any], of venue: Venue, in language: Language) -> RenderedPage {
        let ink = venue.theme.accentColor.readable(on: Color(red: 255, green: 255, blue: 255))
        let css = ":root{--ink:\(ink)}" + templates.css + templates.sheetCSS
        let style = ThemeStyle(ThemeContrast(venue.theme), css: css)
        let context = PageContext(.problem(.missing), in: language, of: venue)
        let html = templates.render(frame(context, style).merging(values) { $1 }, with: "coupon-sheet")
        return RenderedPage(html: Array(html.utf8), styleHash: style.hash, languageTag: language.tag, refresh: nil)
    }

    private func render(
        _ template: String, _ values: [String: Any], _ context: PageContext, refresh: Int?
    ) -> RenderedPage {
        let style = style(context.venue?.theme ?? Theme())
        let all = frame(context, style).merging(values) { $1 }
        let html = templates.render(all, with: template)
        return RenderedPage(
            html: Array(html.utf8), styleHash: style.hash, languageTag: context.language.tag, refresh: refresh)
    }

    private func style(_ theme: Theme) -> ThemeStyle {
        let colors = [
            theme.accentText, theme.accentColor, theme.textColor, theme.secondaryTextColor, theme.backgroundColor,
            theme.borderColor, theme.boxColor,
        ]
        return styles.value(colors) { ThemeStyle(ThemeContrast(theme), css: templates.css) }
    }

    /// The values that all pages have: language, colours, venue.
    private func frame(_ context: PageContext, _ style: ThemeStyle) -> [String: Any] {
        let (language, venue) = (context.language, context.venue)
        let name = venue?.name.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        let brand = name.isEmpty ? language.message("wifi") : name
        var values: [String: Any] = [
            "language": language.tag, "direction": language.isRightToLeft ? "rtl" : "ltr",
            "scheme": style.scheme, "background": (venue?.theme ?? Theme()).backgroundColor.description,
            "style": style.text, "favicon": venue?.iconURL ?? "/favicon.svg",
            "brand": brand, "long": brand.count > 28, "t": language.tree,
        ]
        if !name.isEmpty { values["venue"] = name }
        if context.isPreview { values["preview"] = language.message("preview") }
        if let terms = venue?.termsText, !terms.isEmpty { values["terms"] = terms }
        values["about"] = venue?.infoURL?.description
        values["icon"] = venue?.iconURL
        values["logo"] = venue?.logoURL
        values["logoWidth"] = venue?.theme.logo?.width
        values["logoHeight"] = venue?.theme.logo?.height
        return values
    }
}

/// A page's bytes and the values that its headers need.
package struct RenderedPage: Sendable {
    /// UTF-8.
    package let html: [UInt8]
    /// The style source that allows its style sheet.
    package let styleHash: String
    package let languageTag: String
    /// Seconds after which a browser reloads the page.
    package let refresh: Int?
}
