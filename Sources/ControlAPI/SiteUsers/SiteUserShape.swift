import Captive
import Foundation
import NetworkAddress

extension GuestSession: Listed {}

extension Shape where Value == GuestSession {
    /// A session as a user of a site.
    static func siteUser(_ clock: @escaping WallClock) -> Shape {
        Shape(
            "SiteUser",
            [
                .init("id", "The user's ID.") { $0.id }, .init("site_id", "Where.") { $0.siteID },
                .init("instance_id", "Through which instance.") { $0.instanceID },
                .init("mac", "The device.") { $0.client.mac }, .init("ip", "The device's address.") { $0.client.ip },
                .init("status", "Where the stay is in its life; the last three are ends.") { $0.status(at: clock()) },
                .init("reason", "Why, as a stable word; null when the status says it all.") { $0.reason },
                .init("strategy", "How the guest proved itself.") { $0.strategy },
                .init("coupon_id", "The coupon that was redeemed.") { $0.couponID },
                .init("identity", "Who signed in.") { $0.identity },
                .init("device", "The kind of device.") { $0.device },
                .init("created_at", "When the proof was accepted.") { $0.createdAt },
                .init("authorized_at", "When the router let the device in.") { $0.authorizedAt },
                .init("expires_at", "When the stay ends or ended by itself.") { $0.expiresAt },
                .init("ended_at", "When it ended.") { $0.endedAt },
            ])
    }
}

extension GuestSession {
    /// A session whose time is over reads `expired`, even before the books have been brought up to date.
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
            .init("subject", "The provider's stable key of the person.") { $0.subject },
            .init("email", "The person's e-mail address, if the provider told it.") { $0.email },
            .init("name", "The person's name, if the provider told it.") { $0.name },
        ])
}
