import Captive
import Foundation
import HTTPServer
import Pages
import Storage

/// The address in a coupon's QR code. It transfers the code to the form, whether the phone reaches the portal directly
/// or the router intercepts the request.
struct CodeLink {
    let publicURL: PublicURL

    /// An address for documentation (RFC 5737); no host uses it. A router intercepts a plaintext request for it like
    /// any other, but not a request for the portal's name. No other host receives the code.
    static let caughtHost = "192.0.2.1"

    /// The address in the QR code.
    func address(of code: CouponCode) -> String { "\(publicURL)/c/\(code.rawValue)" }

    /// The address for a phone that reached the portal, but not from the guest network: on the guest network, the
    /// router intercepts it.
    func caughtAddress(of code: CouponCode) -> String { "http://\(Self.caughtHost)/c/\(code.rawValue)" }

    /// Returns the code in an intercepted address; nil for any other address.
    func code(in caught: String?) -> CouponCode? {
        guard let caught, caught.utf8.count <= CapturedDestination.maximumLength,
            let parts = URLComponents(string: caught), parts.scheme == "http" || parts.scheme == "https",
            parts.host == Self.caughtHost || parts.host?.lowercased() == publicURL.host, parts.path.hasPrefix("/c/")
        else { return nil }
        return CouponCode(typed: String(parts.path.dropFirst(3)))
    }
}

extension GuestPortal {
    var codeLink: CodeLink { CodeLink(publicURL: publicURL) }

    /// Redirects to the entry, with the code, if the guest's address determines the site and the site's router knows
    /// the device; otherwise returns a page that explains how to connect.
    func followCodeLink(_ request: Request) async throws -> Response {
        guard let code = request.pathParameters["code"].flatMap(CouponCode.init(typed:)) else {
            throw GuestRefusal(.linkInvalid, wayBack: "/")
        }
        if let claim = try await instances.subnets().onlyClaim(request.client),
            waitBeforeLookUp(request) == nil,
            let gateway = try? await gateways.gateway(for: claim.siteID),
            (try? await gateway.device(at: request.client)) != nil
        {
            return redirect(.found, to: "/hotspot/\(claim.siteID.text)?code=\(code.rawValue)")
        }
        return pages.response(.join(code: code.rawValue, caught: codeLink.caughtAddress(of: code)), to: request)
    }
}
