internal import Captive
internal import Foundation

/// Whether the router's own pages lead guests to the site's entry.
struct RedirectPageCheck {
    let site: UUID
    let door: PortalEndpoints

    /// One page that does is enough: the router's others may lead to that one.
    func finding(_ pages: [GatewayPage]) -> Finding {
        guard !pages.isEmpty else {
            return Finding(.routerRedirect, .ok, "The router sends guests' first requests to the portal.")
        }
        let entry = "\(door.origin)/hotspot/\(site.text)"
        let leading = pages.filter { $0.addresses.contains { $0.lowercased() == entry.lowercased() } }
        guard leading.isEmpty else {
            return Finding(
                .routerRedirect, .ok, "The router sends guests to the portal's entry.", evidence: leading.map(\.name))
        }
        let isOtherSite = pages.flatMap(\.addresses).contains { $0.hasPrefix(door.origin + "/hotspot/") }
        return Finding(
            .routerRedirect, .problem,
            isOtherSite
                ? "The router sends guests to another site's entry."
                : "The router's pages do not lead guests to this portal.",
            remedy: "Run the script of `portico router script`, made for this site, on the router.",
            evidence: pages.map { "\($0.name): \($0.addresses.joined(separator: ", "))" })
    }
}
