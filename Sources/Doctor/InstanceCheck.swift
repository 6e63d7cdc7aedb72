internal import Captive
internal import Foundation
internal import NetworkAddress

/// Whether any instance is active at the site, and is found by its guests.
struct InstanceCheck {
    let instances: [Instance]
    let networks: SiteNetworks
    /// Whether the site's router sends intercepted requests to the portal, which then has only addresses to go by.
    let portalIntercepts: Bool

    var finding: Finding {
        let active = instances.filter { !$0.subnets(at: networks.site).isEmpty }
        guard !active.isEmpty else {
            return Finding(
                .siteInstances, .problem,
                "No instance is active at the site, so guests see that the network is not known.",
                remedy: "Name the site and its guests' subnets in an instance's sites.")
        }
        let lost = portalIntercepts ? networks.claims.map(\.subnet).filter(networks.isShared) : []
        guard lost.isEmpty else {
            return Finding(
                .siteInstances, .problem,
                "Another site has the network \(list(lost)) too, so the portal cannot tell at which of them a guest is.",
                remedy: "Give each site networks of its own.", evidence: lost.map(\.description))
        }
        return Finding(
            .siteInstances, .ok, active.count == 1 ? "An instance is active." : "\(active.count) instances are active.",
            evidence: active.map { "\($0.name) (\($0.strategy.rawValue)): \(list($0.subnets(at: networks.site)))" })
    }

    private func list(_ subnets: [Subnet]) -> String { subnets.map(\.description).joined(separator: ", ") }
}

extension Instance {
    /// Where it is active at a site.
    func subnets(at siteID: UUID) -> [Subnet] { sites.filter { $0.siteID == siteID }.flatMap(\.subnets) }
}
