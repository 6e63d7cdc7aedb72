internal import Captive
internal import Foundation
internal import NetworkAddress

/// Whether any instance is active at the site.
struct SiteJudgement {
    let instances: [Instance]
    let siteID: UUID

    var finding: Finding {
        let active = instances.filter { !$0.subnets(at: siteID).isEmpty }
        guard !active.isEmpty else {
            return Finding(
                .siteInstances, .problem,
                "No instance is active at the site, so guests see that the network is not known.",
                remedy: "Name the site and its guests' subnets in an instance's sites.")
        }
        return Finding(
            .siteInstances, .ok, active.count == 1 ? "An instance is active." : "\(active.count) instances are active.",
            evidence: active.map { "\($0.name) (\($0.strategy.rawValue)): \(list($0.subnets(at: siteID)))" })
    }

    private func list(_ subnets: [Subnet]) -> String { subnets.map(\.description).joined(separator: ", ") }
}

extension Instance {
    /// Where it is active at a site.
    func subnets(at siteID: UUID) -> [Subnet] { sites.filter { $0.siteID == siteID }.flatMap(\.subnets) }
}
