import Captive
import Foundation

/// The addresses that answers hold, each good for a day.
struct Links: Sendable {
    /// The portal's origin, without a slash at the end.
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

    /// Shows an instance's page to an admin.
    func preview(of instanceID: UUID) -> String {
        let message = PreviewTicket(instanceID: instanceID).message
        return "\(publicURL)/preauth?token=" + previews.make(message, expires: clock() + PreviewTicket.lifetime)
    }

    /// A theme's image; good for as long as the image is there.
    func image(_ image: ThemeImage, as kind: ThemeImage.Kind) -> String {
        publicURL + signatures.signPermanently(image.path(as: kind))
    }

    /// Lists a schedule's coupons.
    func coupons(of scheduleID: UUID) -> String {
        publicURL + CouponListLink.sign(scheduleID, expires: clock() + SignedURL.lifetime, with: signatures)
    }

    /// Runs an integration's flow for an admin.
    func test(of integrationID: UUID) -> String {
        publicURL + signatures.sign("/auth-test/\(integrationID.text)", expires: clock() + SignedURL.lifetime)
    }
}
