import Captive
import Foundation
import HTTPServer

/// The address in a coupon's QR code: it carries the code to the form, whether the phone reaches the portal directly or
/// is caught by the router on its way.
struct CodeLink {
    let publicURL: PublicURL

    /// Documentation's own address (RFC 5737), which leads nowhere. A router catches a request for it as it does any
    /// other in plain text, where it lets those for the portal's name through; and nobody else is ever told the code.
    static let caughtHost = "192.0.2.1"

    /// What the QR code holds.
    func address(of code: CouponCode) -> String { "\(publicURL)/c/\(code.rawValue)" }

    /// For a phone that reached the portal, but not from the guest network's side:
    /// on that network, a way into the router's arms.
    func caughtAddress(of code: CouponCode) -> String { "http://\(Self.caughtHost)/c/\(code.rawValue)" }

    /// The code in an address that a router caught; nil for any other address.
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

    /// On to the entry, with the code, if the guest's address tells the site and its router knows the device; else a
    /// page that says how to get there.
    func followCodeLink(_ request: Request) async throws -> Response {
        guard let code = request.pathParameters["code"].flatMap(CouponCode.init(typed:)) else {
            throw GuestRefusal(.linkInvalid, wayBack: "/")
        }
        if let claim = try await books.instances.subnets().onlyClaim(request.client),
            waitBeforeLookUp(request) == nil,
            let gateway = try? await gateways.gateway(for: claim.siteID),
            (try? await gateway.device(at: request.client)) != nil
        {
            return redirect(.found, to: "/hotspot/\(claim.siteID.text)?code=\(code.rawValue)")
        }
        return pages.response(.join(code: code.rawValue, caught: codeLink.caughtAddress(of: code)), to: request)
    }
}
