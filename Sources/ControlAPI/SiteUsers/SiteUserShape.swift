import Captive
import Foundation
import NetworkAddress

extension GuestSession: Pageable {}

extension Shape where Value == GuestSession {
    /// The representation of a session as a site user.
    static func siteUser(_ clock: @escaping WallClock) -> Shape {
        Shape(
            "SiteUser",
            [
                .init("id", "The user's ID.") { $0.id }, .init("site_id", "The ID of the site.") { $0.siteID },
                .init("instance_id", "The ID of the instance.") { $0.instanceID },
                .init("mac", "The MAC address of the device.") { $0.client.mac },
                .init("ip", "The IP address of the device.") { $0.client.ip },
                .init("status", "Session state. `expired`, `disconnected` and `failed` are final.") {
                    $0.status(at: clock())
                },
                .init("reason", "Machine-readable reason for the state, or null.") { $0.reason },
                .init("strategy", "How the guest authenticated.") { $0.strategy },
                .init("coupon_id", "The ID of the redeemed coupon; null if none.") { $0.couponID },
                .init("identity", "The identity of the guest; null for coupons.") { $0.identity },
                .init("device", "The kind of device, or null if unknown.") { $0.device },
                .init("created_at", "When the coupon or sign-in was accepted.") { $0.createdAt },
                .init("authorized_at", "When the router let the device in; null if it has not.") { $0.authorizedAt },
                .init("expires_at", "When the session expires.") { $0.expiresAt },
                .init("ended_at", "When the session ended; null if it has not.") { $0.endedAt },
            ])
    }
}

extension GuestSession {
    /// Returns `expired` for a session past its expiry, even if the database is not updated yet.
    fileprivate func status(at now: Date) -> Status {
        (status == .active || status == .connecting) && expiresAt <= now ? .expired : status
    }
}

extension GuestSession.Status: JSONRepresentable {}

extension GuestSession.Identity: Shaped {
    static let shape = Shape<Self>(
        "SiteUserIdentity",
        [
            .init("provider", "The identity provider.") { $0.provider },
            .init("subject", "The provider's stable ID of the user.") { $0.subject },
            .init("email", "The user's e-mail address; null if the provider did not send it.") { $0.email },
            .init("name", "The user's name; null if the provider did not send it.") { $0.name },
        ])
}
