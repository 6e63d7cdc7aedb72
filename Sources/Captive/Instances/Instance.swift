package import Foundation
package import NetworkAddress

/// A complete configuration of a captive portal: strategy, session length, appearance and sites.
package struct Instance: Sendable, Equatable, Identifiable {
    package let id: UUID
    package let workspace: Workspace
    package var name: String
    package var strategy: Strategy
    /// Session length in seconds, counted from the router's confirmation; within `sessionTTLRange`.
    package var sessionTTL: Int
    /// Length of the sign-in window in seconds; within `authWindowTTLRange`.
    package var authWindowTTL: Int
    /// Seconds. Deprecated; has no effect.
    package var couponTTL: Int
    /// The identity provider of an `oauth2` instance; nil for `coupon`.
    package var integrationID: UUID?
    package var theme: Theme
    package var termsText: String?
    /// BCP 47 tag of the fallback language for guests whose languages are not available.
    package var locale: String
    package var sites: [SiteSubnets]
    /// The address of a page about the venue; nil for none.
    package var venueInfoURL: VenueInfoURL?
    package let createdAt: Date
    /// Increases with every change. A rendered page belongs to one revision.
    package var revision: Int

    /// How guests prove that they may use the network.
    package enum Strategy: String, Sendable, CaseIterable {
        case oauth2, coupon
    }

    /// The subnets of one site in which the instance is active.
    package struct SiteSubnets: Sendable, Equatable {
        package var siteID: UUID
        /// IPv4 only, without overlaps.
        package var subnets: [Subnet]

        package init(siteID: UUID, subnets: [Subnet]) {
            self.siteID = siteID
            self.subnets = subnets
        }
    }

    /// 20 minutes to 7 days.
    package static let sessionTTLRange = 1_200...604_800
    /// 2 to 15 minutes.
    package static let authWindowTTLRange = 120...900
    package static let defaultAuthWindowTTL = 300
    package static let defaultCouponTTL = 86_400

    package init(
        id: UUID, workspace: Workspace, name: String, strategy: Strategy, sessionTTL: Int,
        authWindowTTL: Int = Instance.defaultAuthWindowTTL, couponTTL: Int = Instance.defaultCouponTTL,
        integrationID: UUID? = nil, theme: Theme = Theme(), termsText: String? = nil, locale: String = "en",
        sites: [SiteSubnets] = [], venueInfoURL: VenueInfoURL? = nil, createdAt: Date, revision: Int = 1
    ) {
        self.id = id
        self.workspace = workspace
        self.name = name
        self.strategy = strategy
        self.sessionTTL = sessionTTL
        self.authWindowTTL = authWindowTTL
        self.couponTTL = couponTTL
        self.integrationID = integrationID
        self.theme = theme
        self.termsText = termsText
        self.locale = locale
        self.sites = sites
        self.venueInfoURL = venueInfoURL
        self.createdAt = createdAt
        self.revision = revision
    }
}

/// A subnet of a site and its instance.
package struct SubnetClaim: Sendable, Equatable {
    package var siteID: UUID
    package var subnet: Subnet
    package var instanceID: UUID
    /// The workspace of the instance.
    package var workspace: Workspace

    package init(siteID: UUID, subnet: Subnet, instanceID: UUID, workspace: Workspace = .default) {
        self.siteID = siteID
        self.subnet = subnet
        self.instanceID = instanceID
        self.workspace = workspace
    }
}
