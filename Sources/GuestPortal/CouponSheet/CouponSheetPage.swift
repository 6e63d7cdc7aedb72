package import Captive
import Foundation
package import HTTPServer
import NetworkAddress
import Pages
import TimeZones

/// A sheet of coupons to cut into cards or to show on a screen. A schedule's signed address gives access to it.
extension GuestPortal {
    /// Returns the sheet in the venue's language and colours, with one card for each coupon. A card takes about 1 ms.
    package func couponSheet(_ sheet: CouponSheet) -> Response {
        let venue = Venue(sheet.instance, image: pages.image)
        let language = pages.language(of: sheet.instance)
        let values = CouponSheetValues(sheet, venue, language, codeLink).values
        return unlisted(pages.couponSheet(values, of: venue, in: language))
    }

    /// The page that explains why the address of a sheet is refused.
    package func couponSheetRefusal(_ failure: SignedURL.Failure, to request: Request) -> Response {
        let problem: GuestPage.Problem = failure == .expired ? .listExpired : .linkInvalid
        return unlisted(pages.response(.problem(problem), status: .forbidden, to: request))
    }

    /// Forbids caching and indexing.
    private func unlisted(_ response: Response) -> Response {
        var response = response
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["X-Robots-Tag"] = "noindex"
        response.headers["Vary"] = "Accept, Accept-Encoding, Accept-Language"
        return response
    }
}

/// The values for the template of a sheet.
struct CouponSheetValues {
    let values: [String: Any]

    init(_ sheet: CouponSheet, _ venue: Venue, _ language: Language, _ link: CodeLink) {
        let words = TimeLeft(language: language)
        let time = words.duration(seconds: sheet.instance.sessionTTL)
        let session = language.message("sheet.session", ["time": time])
        let cards = sheet.coupons.map { coupon in
            var card: [String: Any] = [
                "code": coupon.code.rawValue, "until": Self.until(coupon.expiresAt, sheet, words), "session": session,
            ]
            card["cardLogo"] = venue.logoURL
            if let code = QRCode(link.address(of: coupon.code)) {
                card["side"] = code.side
                card["path"] = code.path
            }
            return card
        }
        var values: [String: Any] = [
            "title": language.message("sheet.title"), "schedule": sheet.schedule.name, "coupons": cards,
        ]
        values["older"] = sheet.older
        self.values = values
    }

    /// Uses non-breaking hyphens (Unicode UAX 14, class GL).
    private static func until(_ end: Date, _ sheet: CouponSheet, _ words: TimeLeft) -> String {
        let offset = sheet.zone?.offset(at: Int(saturating: end.timeIntervalSince1970.rounded(.down)))
        let text = words.moment("sheet.until", end, offset: offset ?? 0).replacing("-", with: "\u{2011}")
        return offset == nil ? text + " UTC" : text
    }
}
