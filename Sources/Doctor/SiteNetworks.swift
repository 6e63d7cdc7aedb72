internal import Captive
internal import Foundation
internal import NetworkAddress

/// The subnets of instances at a site, and the subnets of other sites.
struct SiteNetworks: Sendable {
    let site: UUID
    let claims: [SubnetClaim]
    private let others: [SubnetClaim]
    /// Whether the portal identifies guests of the site's workspace by their addresses alone.
    private let isDirect: Bool

    /// `all`: the claims of all sites.
    init(_ all: [SubnetClaim], at site: Site, _ policy: RouterPolicy) {
        self.init(
            all.filter { $0.siteID == site.id || policy.isLocal($0.workspace) }, at: site.id,
            isDirect: policy.isLocal(site.workspace))
    }

    /// `all`: the claims of this site, and of all sites that are identified by addresses alone.
    init(_ all: [SubnetClaim], at site: UUID, isDirect: Bool = true) {
        self.site = site
        self.isDirect = isDirect
        claims = all.filter { $0.siteID == site }
        others = all.filter { $0.siteID != site }
    }

    /// Whether an address in `subnet` does not identify the site.
    func isShared(_ subnet: Subnet) -> Bool { !isDirect || others.contains { $0.subnet.overlaps(subnet) } }
}
