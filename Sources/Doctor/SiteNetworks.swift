internal import Captive
internal import Foundation
internal import NetworkAddress

/// The networks in which instances are active at a site, and those that other sites have as well.
struct SiteNetworks: Sendable {
    let site: UUID
    let claims: [SubnetClaim]
    private let others: [SubnetClaim]

    /// `all`: the claims of every site.
    init(_ all: [SubnetClaim], at site: UUID) {
        self.site = site
        claims = all.filter { $0.siteID == site }
        others = all.filter { $0.siteID != site }
    }

    /// Whether an address of `subnet` does not tell the site.
    func isShared(_ subnet: Subnet) -> Bool { others.contains { $0.subnet.overlaps(subnet) } }
}
