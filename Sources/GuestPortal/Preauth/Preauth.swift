import Captive
import HTTPServer

/// The page of an instance, for a guest or as a preview.
extension GuestPortal {
    /// The page without waiting, if token, instance and rendered page are at hand; nil otherwise, also for what is refused.
    func preauthPageInMemory(_ request: Request) -> Response? {
        guard request.queryValue("code") == nil, let opened = try? tokens.openPreauth(request.queryValue("token"))
        else {
            return nil
        }
        return books.instances.cached(opened.instanceID).flatMap {
            pages.preauthInMemory($0, preview: opened.isPreview, request: request)
        }
    }

    func preauthPage(_ request: Request) async throws -> Response {
        let opened = try tokens.openPreauth(request.queryValue("token"))
        guard let instance = try await books.instances.instance(opened.instanceID) else {
            throw GuestRefusal(.unknownNetwork)
        }
        let code = request.queryValue("code").flatMap(CouponCode.init(typed:))
        return try pages.preauth(instance, preview: opened.isPreview, code: code?.rawValue, request: request)
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
