package import Captive
import Foundation
package import HTTPServer
import Storage
import TimeZones

/// Renders the signed coupon list as HTML.
package struct CouponPages: Sendable {
    let sheet: @Sendable (CouponSheet) async -> Response
    let failure: @Sendable (SignedURL.Failure, Request) -> Response

    package init(
        sheet: @escaping @Sendable (CouponSheet) async -> Response,
        failure: @escaping @Sendable (SignedURL.Failure, Request) -> Response
    ) {
        self.sheet = sheet
        self.failure = failure
    }
}

/// `/coupons`: the valid coupons of a schedule, at a signed URL without a token.
struct CouponListResource {
    let store: Store
    let zones: ZoneDatabase
    let signatures: SignedURL
    let publicURL: String
    let clock: WallClock
    /// If nil, the response is always JSON.
    let pages: CouponPages?

    /// The size of the largest run, so that a page holds a whole run unless runs overlap.
    private static let limit = CouponSchedule.countRange.upperBound

    var section: Section {
        let query = Self.signature.followed(by: ListPage.query(limit: Self.limit))
        return Section(
            "Signed coupons", "A schedule's coupons at a signed URL that needs no token, for staff who hand them out.",
            [
                Endpoint(
                    .get, "/coupons", "listSignedCoupons",
                    "List the valid coupons of a schedule; browsers get a printable sheet", query: query.schema,
                    status: .ok, response: PagedList.responseDescription(Coupon.shape),
                    errors: [.signatureInvalid, .signatureExpired, .resourceNotFound],
                    work: .unauthenticated { try await respond(to: $0) })
            ])
    }

    /// Used by the description only: a missing or malformed field makes the signature invalid.
    private static let signature = Input { query in
        _ = query.required("sid", .id, "The schedule's ID.")
        _ = query.required("expires", .integer(0...(1 << 53)), "When the URL expires, in Unix time.")
        _ = query.required("signature", .line(64), "The portal's signature of the URL.")
        return ()
    }

    private func respond(to request: Request) async throws -> Response {
        do throws(SignedURL.Failure) { try check(request) } catch {
            if let pages, wantsPage(request) { return pages.failure(error, request) }
            throw Self.apiError(for: error)
        }
        let id = request.queryValue("sid").flatMap(UUID.init(uuidString:)) ?? UUID()
        let page = try ListPage.query(limit: Self.limit).value(from: request.queryFields(ignoresUnknown: true))
        let now = clock()
        guard let schedule = try await store.schedule(id, now: now),
            let instance = try await store.instance(schedule.instanceID)
        else { throw APIError.notFound("schedule") }
        let list = try await PagedList(page) {
            try await store.validCoupons(ofSchedule: id, now: now, page: $0)
        }
        guard let pages, wantsPage(request) else { return listed(list, request) }
        let sheet = CouponSheet(
            instance: instance, schedule: schedule, coupons: list.rows,
            zone: try? zones.rules(of: schedule.recurrence.timeZone), older: list.next(at: address(request)))
        return await pages.sheet(sheet)
    }

    private func listed(_ list: PagedList<Coupon>, _ request: Request) -> Response {
        var response = list.response(Coupon.shape, at: address(request))
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex"
        response.headers["Vary"] = "Accept"
        return response
    }

    /// The signed URL, without other query parameters.
    private func address(_ request: Request) -> String {
        let names = ["sid", "expires", "signature"]
        let query = names.map { "\($0)=\(request.queryValue($0) ?? "")" }.joined(separator: "&")
        return "\(publicURL)\(request.path)?\(query)"
    }

    private func check(_ request: Request) throws(SignedURL.Failure) {
        guard let id = request.queryValue("sid").flatMap(UUID.init(uuidString:)) else { throw .invalid }
        try signatures.check(
            CouponListLink.path, ["sid": id.text], expires: request.queryValue("expires"),
            signature: request.queryValue("signature"), now: clock())
    }

    private func wantsPage(_ request: Request) -> Bool {
        AcceptedMedia(request.headers.values("Accept").joined(separator: ",")).prefers(
            "text/html", to: "application/json")
    }

    private static func apiError(for failure: SignedURL.Failure) -> APIError {
        switch failure {
        case .invalid: APIError(.signatureInvalid, "The link is invalid or has been altered.")
        case .expired: APIError(.signatureExpired, "The link has expired. Get a new one from 'generate_url'.")
        }
    }
}
