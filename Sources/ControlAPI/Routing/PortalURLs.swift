import Captive
import Foundation

/// The URLs in responses. Each is valid for 24 hours unless noted.
struct PortalURLs: Sendable {
    /// The portal's origin, without a trailing slash.
    let publicURL: String
    private let previews: SealedToken
    let signatures: SignedURL
    private let clock: WallClock

    init(publicURL: String, sealer: Sealer, clock: @escaping WallClock) {
        self.publicURL = publicURL
        previews = SealedToken(sealer: sealer, purpose: PreviewTicket.purpose)
        signatures = SignedURL(sealer: sealer)
        self.clock = clock
    }

    /// A preview of an instance's guest page.
    func preview(of instanceID: UUID) -> String {
        let message = PreviewTicket(instanceID: instanceID).message
        return "\(publicURL)/preauth?token=" + previews.make(message, expires: clock() + PreviewTicket.lifetime)
    }

    /// A theme's image. Does not expire.
    func image(_ image: ThemeImage, as kind: ThemeImage.Kind) -> String {
        publicURL + signatures.signPermanently(image.path(as: kind))
    }

    /// A schedule's coupons.
    func coupons(of scheduleID: UUID) -> String {
        publicURL + CouponListLink.sign(scheduleID, expires: clock() + SignedURL.lifetime, with: signatures)
    }

    /// The test page of an auth integration.
    func test(of integrationID: UUID) -> String {
        publicURL + signatures.sign("/auth-test/\(integrationID.text)", expires: clock() + SignedURL.lifetime)
    }
}
