package import Captive
import Foundation

/// Signs the addresses of a schedule's coupon list, which need no API token and are valid for 24 hours.
package struct CouponLink: Sendable {
    private let publicURL: String
    private let signatures: SignedURL

    /// `publicURL` is the portal's origin, without a trailing slash.
    package init(publicURL: String, sealer: Sealer) {
        self.publicURL = publicURL
        signatures = SignedURL(sealer: sealer)
    }

    func sign(_ scheduleID: UUID, now: Date) -> (url: String, expires: Date) {
        let expires = now + SignedURL.lifetime
        return (publicURL + CouponListLink.sign(scheduleID, expires: expires, with: signatures), expires)
    }
}
