internal import Captive
internal import Foundation
internal import NetworkAddress

/// Checks that an instance is active at the site, and that guests' addresses identify the site where they must.
struct InstanceCheck {
    let instances: [Instance]
    let networks: SiteNetworks
    /// Whether the site's router sends intercepted requests to the portal, which then identifies the site by the
    /// guest's address alone.
    let portalIntercepts: Bool

    var finding: Finding {
        let active = instances.filter { !$0.subnets(at: networks.site).isEmpty }
        guard !active.isEmpty else {
            return Finding(
                .siteInstances, .problem,
                "No instance is active at the site, so guests see that the network is not known.",
                remedy: "Add the site and its guests' subnets to the sites of an instance.")
        }
        let shared = portalIntercepts ? networks.claims.map(\.subnet).filter(networks.isShared) : []
        guard shared.isEmpty else {
            return Finding(
                .siteInstances, .problem,
                "Another site uses the network \(list(shared)) too, so the portal cannot identify a guest's site.",
                remedy: "Use different subnets for each site.", evidence: shared.map(\.description))
        }
        return Finding(
            .siteInstances, .ok, active.count == 1 ? "An instance is active." : "\(active.count) instances are active.",
            evidence: active.map { "\($0.name) (\($0.strategy.rawValue)): \(list($0.subnets(at: networks.site)))" })
    }

    private func list(_ subnets: [Subnet]) -> String { subnets.map(\.description).joined(separator: ", ") }
}

extension Instance {
    /// The instance's subnets at a site; empty if it is not active there.
    func subnets(at siteID: UUID) -> [Subnet] { sites.filter { $0.siteID == siteID }.flatMap(\.subnets) }
}
