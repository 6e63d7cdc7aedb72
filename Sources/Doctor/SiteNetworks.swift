internal import Captive
internal import Foundation
internal import NetworkAddress

/// The networks in which instances are active at a site, and those that other sites have as well.
struct SiteNetworks: Sendable {
    let site: UUID
    let claims: [SubnetClaim]
    private let others: [SubnetClaim]
    /// Whether the portal knows guests of the site's workspace by their addresses alone.
    private let isDirect: Bool

    /// `all`: the claims of every site.
    init(_ all: [SubnetClaim], at site: Site, _ policy: RouterPolicy) {
        self.init(
            all.filter { $0.siteID == site.id || policy.isLocal($0.workspace) }, at: site.id,
            isDirect: policy.isLocal(site.workspace))
    }

    /// `all`: the claims of every site that is found by addresses alone, and of this one.
    init(_ all: [SubnetClaim], at site: UUID, isDirect: Bool = true) {
        self.site = site
        self.isDirect = isDirect
        claims = all.filter { $0.siteID == site }
        others = all.filter { $0.siteID != site }
    }

    /// Whether an address of `subnet` does not tell the site.
    func isShared(_ subnet: Subnet) -> Bool { !isDirect || others.contains { $0.subnet.overlaps(subnet) } }
}
