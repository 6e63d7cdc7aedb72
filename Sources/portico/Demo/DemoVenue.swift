import Captive
import ControlAPI
import Foundation
import NetworkAddress
import Storage

/// The demo's data: one hotel with its site and its coupon instance.
struct DemoVenue {
    static let siteID = UUID(
        uuid: (0xA1, 0xB2, 0xC3, 0xD4, 0xE5, 0xF6, 0xA7, 0xB8, 0xC9, 0xD0, 0xE1, 0xF2, 0xA3, 0xB4, 0xC5, 0xD6))
    static let couponInstanceID = UUID(
        uuid: (0x9A, 0x7F, 0x1B, 0x2C, 0x3D, 0x4E, 0x5F, 0x6A, 0x7B, 0x8C, 0x9D, 0x0E, 0x1F, 0x2A, 0x3B, 0x4C))
    /// A /16, for tests with tens of thousands of guests.
    static let network = "10.5.0.0/16"
    private static let couponCount = 10
    private static let couponMinutes = 7 * 24 * 60

    let services: Services
    let now: Date

    /// Creates the site with its router, the instance and coupons, unless they exist. Returns ten codes.
    func prepare(router: RouterSettings) async throws -> [CouponCode] {
        _ = try await services.store.upsertSite(Self.siteID, in: .default, now: now) { site in
            site.name = "Hotel Aurora"
            site.router = router
        }
        if try await services.store.instance(Self.couponInstanceID) == nil {
            try await services.store.create(instance())
        }
        let existing = try await services.store.validCoupons(
            of: Self.couponInstanceID, now: now, page: ListPage(limit: 10))
        let created = try await services.store.createCoupons(
            max(Self.couponCount - existing.count, 0), for: Self.couponInstanceID, scheduleID: nil,
            expiresAt: now + Double(Self.couponMinutes * 60), now: now,
            codes: { ControlAPI.randomCode() })
        return (created + existing).map(\.code)
    }

    /// The hotel's instance, with its theme.
    func instance() throws -> Instance {
        guard let network = Subnet(Self.network) else { throw CommandFailure("the demo's network is malformed") }
        var theme = Theme()
        theme.accentColor = Color(red: 0x1F, green: 0x6F, blue: 0x5C)
        theme.textColor = Color(red: 0x22, green: 0x2B, blue: 0x28)
        theme.secondaryTextColor = Color(red: 0x5E, green: 0x6B, blue: 0x66)
        theme.backgroundColor = Color(red: 0xF3, green: 0xF1, blue: 0xEA)
        theme.borderColor = Color(red: 0xD9, green: 0xD4, blue: 0xC7)
        return Instance(
            id: Self.couponInstanceID, workspace: .default, name: "Hotel Aurora", strategy: .coupon, sessionTTL: 43_200,
            theme: theme,
            termsText: "Please use the network considerately. Hotel Aurora keeps connection records as the law asks.",
            sites: [Instance.SiteSubnets(siteID: Self.siteID, subnets: [network])], createdAt: now)
    }
}
