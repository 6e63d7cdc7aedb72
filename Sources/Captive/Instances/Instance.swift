package import Foundation
package import NetworkAddress

/// A complete configuration of a captive portal: how guests prove themselves, for how long, and what they see.
package struct Instance: Sendable, Equatable, Identifiable {
    package let id: UUID
    package let workspace: Workspace
    package var name: String
    package var strategy: Strategy
    /// Seconds that a session lasts from the router's confirmation on; within `sessionTTLRange`.
    package var sessionTTL: Int
    /// Seconds that the way to the identity provider stays open for a guest who signs in; within `authWindowTTLRange`.
    package var authWindowTTL: Int
    /// Seconds; kept for programs written against the older documentation, and without effect.
    package var couponTTL: Int
    /// The identity provider of an `oauth2` instance; nil for `coupon`.
    package var integrationID: UUID?
    package var theme: Theme
    package var termsText: String?
    /// BCP 47 tag of the language used where the guest asks for none that the portal has.
    package var locale: String
    package var sites: [SiteSubnets]
    /// Where guests read about the venue; nil for nowhere.
    package var venueInfoURL: VenueInfoURL?
    package let createdAt: Date
    /// Grows with every change; a rendered page belongs to one revision.
    package var revision: Int

    /// How a guest proves that it may be online.
    package enum Strategy: String, Sendable, CaseIterable {
        case oauth2, coupon
    }

    /// The subnets of one site in which the instance is active.
    package struct SiteSubnets: Sendable, Equatable {
        package var siteID: UUID
        /// IPv4 only, none overlapping another.
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

/// Keeps instances. Changing one raises its `revision` by one.
package protocol InstanceStore: Sendable {
    /// Newest first.
    func instances(in workspace: Workspace, page: ListPage) async throws -> [Instance]
    /// Nil if the workspace has none with that id.
    func instance(_ id: UUID, in workspace: Workspace) async throws -> Instance?
    /// For the guest's side, which knows no workspace.
    func instance(_ id: UUID) async throws -> Instance?
    /// All instances active at a site, of whatever workspace.
    func instances(at siteID: UUID) async throws -> [Instance]
    /// Every site and subnet that some instance claims, with the instance: what decides whose guest an address is.
    func claims() async throws -> [SubnetClaim]
    /// Registers sites first seen here. Throws `StoreError.conflict` if a subnet overlaps another instance's at that
    /// site, or a site belongs to another workspace.
    func create(_ instance: Instance) async throws
    /// Reads, lets `change` alter, checks as `create` does, and writes, in one transaction; returns what was written.
    /// Throws `StoreError.notFound` if there is no such instance in the workspace, and whatever `change` throws.
    func update(
        _ id: UUID, in workspace: Workspace, _ change: @Sendable @escaping (inout Instance) throws -> Void
    ) async throws -> Instance
    /// Deletes the instance with its coupons; sessions keep their record. False if there was none.
    func deleteInstance(_ id: UUID, in workspace: Workspace) async throws -> Bool
}

/// One subnet of one site, and the instance that is active there.
package struct SubnetClaim: Sendable, Equatable {
    package var siteID: UUID
    package var subnet: Subnet
    package var instanceID: UUID
    /// Of the instance.
    package var workspace: Workspace

    package init(siteID: UUID, subnet: Subnet, instanceID: UUID, workspace: Workspace = .default) {
        self.siteID = siteID
        self.subnet = subnet
        self.instanceID = instanceID
        self.workspace = workspace
    }
}
