package import Captive
import Foundation

/// Makes the addresses under which a schedule's coupons are seen without a token, for a day from now.
package struct CouponLink: Sendable {
    private let publicURL: String
    private let signatures: SignedURL

    /// `publicURL` is the portal's origin, without a slash at the end.
    package init(publicURL: String, sealer: Sealer) {
        self.publicURL = publicURL
        signatures = SignedURL(sealer: sealer)
    }

    func make(_ scheduleID: UUID, now: Date) -> (url: String, expires: Date) {
        let expires = now + SignedURL.lifetime
        return (publicURL + CouponListLink.sign(scheduleID, expires: expires, with: signatures), expires)
    }
}
