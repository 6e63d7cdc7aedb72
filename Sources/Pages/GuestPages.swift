// Pages renders what people see, guests and admins: templates, languages and the venue's design. A page is a value
// (`GuestPage`); where it comes from, tokens and databases are not known here.
//
// Reading order: GuestPage (the list of pages), PageContext, PageRenderer, PageValues, PageTemplates, ThemeStyle;
// Languages, Language, AcceptLanguage, PluralCategory, TimeLeft; PageHeaders, BoundedCache; GuestPages.

package import Captive
import Foundation
package import HTTPServer

/// Pages as responses: in the guest's language, cached if one rendering serves all guests, compressed if the browser
/// accepts that.
package struct GuestPages: Sendable {
    private let renderer: PageRenderer
    private let headers: PageHeaders
    package let image: @Sendable (ThemeImage, ThemeImage.Kind) -> String
    /// About 8 KB for each page and 3 KB for its compressed form.
    private let cache = BoundedCache<PageKey, CachedPage>(capacity: 8192)

    /// The inputs of a page that is the same for all guests.
    private struct PageKey: Hashable {
        let page: GuestPage
        let languageTag: String
        let instanceID: UUID?
        let revision: Int
        let isPreview: Bool
    }

    /// A cached page in both forms of its response.
    private struct CachedPage: Sendable {
        let plain: PreparedResponse
        let compressed: PreparedResponse
    }

    /// - Parameter image: the address of a theme image on this origin, beginning with `/`.
    package init(
        renderer: PageRenderer, headers: PageHeaders, image: @escaping @Sendable (ThemeImage, ThemeImage.Kind) -> String
    ) {
        self.renderer = renderer
        self.headers = headers
        self.image = image
    }

    /// Returns the page as a response to `request`. Renders it unless it is cached; compresses cached pages.
    package func response(
        _ page: GuestPage, of instance: Instance? = nil, isPreview: Bool = false, status: Status? = nil,
        to request: Request
    ) -> Response {
        let language = language(instance, request)
        let venue = instance.map { Venue($0, image: image) }
        let context = PageContext(page, in: language, of: venue, isPreview: isPreview)
        guard page.isShared, status ?? page.status == page.status else {
            return answer(renderer.render(context), status ?? page.status, page.retryAfter)
        }
        let kept = cache.value(key(page, language, instance, isPreview)) {
            keep(answer(renderer.render(context), page.status, page.retryAfter))
        }
        return choose(kept, request)
    }

    /// Returns the page if it is cached; never renders.
    package func responseInMemory(
        _ page: GuestPage, of instance: Instance, isPreview: Bool, to request: Request
    ) -> Response? {
        cache.cached(key(page, language(instance, request), instance, isPreview)).map { choose($0, request) }
    }

    /// Returns the page for an error code of the control API; nil for a code that does not exist.
    package func apiError(_ code: String) -> Response? { renderer.renderAPIError(code).map { answer($0, .ok, nil) } }

    /// An admin's report of a sign-in test.
    package func authTest(_ values: [String: Any], status: Status) -> Response {
        answer(renderer.renderAuthTest(values), status, nil)
    }

    /// Returns the control API's reference, rendered once; browsers may keep it for some minutes.
    package func reference(_ values: [String: Any]) -> @Sendable (Request) -> Response {
        var plain = answer(renderer.renderReference(values), .ok, nil)
        plain.headers["Cache-Control"] = "public, max-age=300"
        let kept = keep(plain)
        return { choose(kept, $0) }
    }

    /// A sheet of coupons.
    package func couponSheet(_ values: [String: Any], of venue: Venue, in language: Language) -> Response {
        answer(renderer.renderCouponSheet(values, of: venue, in: language), .ok, nil)
    }

    /// The venue's own language, for pages that do not depend on a guest's browser.
    package func language(of instance: Instance) -> Language {
        renderer.languages.negotiate(nil, fallback: instance.locale)
    }

    private func language(_ instance: Instance?, _ request: Request) -> Language {
        renderer.languages.negotiate(request.headers["Accept-Language"], fallback: instance?.locale)
    }

    private func key(_ page: GuestPage, _ language: Language, _ instance: Instance?, _ isPreview: Bool) -> PageKey {
        PageKey(
            page: page, languageTag: language.tag, instanceID: instance?.id, revision: instance?.revision ?? 0,
            isPreview: isPreview)
    }

    private func answer(_ page: RenderedPage, _ status: Status, _ retryAfter: Int?) -> Response {
        var fields = headers.fields(for: page)
        if let retryAfter { fields.append(("Retry-After", String(retryAfter))) }
        return Response(status, headers: Headers(fields), body: .bytes(page.html))
    }

    private func keep(_ plain: Response) -> CachedPage {
        var compressed = plain
        compressed.headers["Content-Encoding"] = "gzip"
        if case .bytes(let html) = plain.body { compressed.body = .bytes(Gzip.compress(html, level: 9)) }
        return CachedPage(plain: PreparedResponse(plain), compressed: PreparedResponse(compressed))
    }

    private func choose(_ page: CachedPage, _ request: Request) -> Response {
        .prepared(Gzip.isAccepted(request.headers["Accept-Encoding"]) ? page.compressed : page.plain)
    }
}

extension GuestPage {
    /// The status code of the response.
    package var status: Status {
        switch self {
        case .coupon(.tries, _, _), .problem(.tries, _): .tooManyRequests
        case .coupon(.occupied, _, _), .problem(.occupied, _): .conflict
        case .coupon(.some, _, _): .unprocessableContent
        case .problem(.linkExpired, _), .problem(.linkInvalid, _), .problem(.forgotten, _), .problem(.request, _):
            .badRequest
        case .problem(.listExpired, _), .problem(.foreign, _): .forbidden
        case .problem(.network, _), .problem(.missing, _), .problem(.closed, _): .notFound
        case .problem(.busy, _), .problem(.unavailable, _): .serviceUnavailable
        case .problem(.internalError, _): .internalServerError
        default: .ok
        }
    }

    /// Seconds after which the same request may be repeated; nil if waiting does not help.
    package var retryAfter: Int? {
        switch self {
        case .coupon(.tries(let seconds), _, _), .problem(.tries(let seconds), _): seconds
        case .problem(.busy, _): 5
        case .problem(.unavailable, _): 60
        default: nil
        }
    }
}
