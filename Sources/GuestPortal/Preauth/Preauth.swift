import Captive
import HTTPServer
import OAuth
import Pages
import Storage

/// The page of an instance, for a guest or as a preview.
extension GuestPortal {
    /// Returns the page without waiting if token, instance and rendered page are cached; nil otherwise, also for a
    /// request that is refused.
    func preauthPageInMemory(_ request: Request) -> Response? {
        guard request.queryValue("code") == nil, let opened = try? tokens.openPreauth(request.queryValue("token")),
            let instance = instances.cached(opened.instanceID), instance.strategy == .coupon
        else { return nil }
        return pages.responseInMemory(
            .coupon(after: ending(request)), of: instance, isPreview: opened.isPreview, to: request)
    }

    func preauthPage(_ request: Request) async throws -> Response {
        let opened = try tokens.openPreauth(request.queryValue("token"))
        guard let instance = try await instances.instance(opened.instanceID) else {
            throw GuestRefusal(.closed)
        }
        var page = try await firstPage(of: instance, request)
        if case .signIn(let provider, _, _) = page, case .guest(let ticket) = opened,
            let way = try await handover(provider, ticket, request)
        {
            page = way
        }
        return pages.response(page, of: instance, isPreview: opened.isPreview, to: request)
    }

    /// The first page of a guest of the instance.
    private func firstPage(of instance: Instance, _ request: Request) async throws -> GuestPage {
        guard instance.strategy == .oauth2 else {
            let code = request.queryValue("code").flatMap(CouponCode.init(typed:))
            return .coupon(code: code?.rawValue, after: ending(request))
        }
        let integration = try await integration(of: instance)
        let isAway = signIns.signIn.failure(of: integration)?.guestReason == .providerDown
        return .signIn(integration.provider, isAway ? .providerDown : nil, after: ending(request))
    }

    /// How the device's previous session ended, from the entry's redirect.
    private func ending(_ request: Request) -> GuestPage.Ending? {
        request.queryValue("after").flatMap(GuestPage.Ending.init(rawValue:))
    }
}

extension GuestTokens.Preauth {
    var instanceID: Instance.ID {
        switch self {
        case .guest(let ticket): ticket.instanceID
        case .preview(let ticket): ticket.instanceID
        }
    }

    var isPreview: Bool {
        if case .preview = self { true } else { false }
    }
}
