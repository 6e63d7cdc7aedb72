internal import Captive
internal import Foundation

/// Checks that the router's own pages lead guests to the site's entry.
struct RedirectPageCheck {
    let site: UUID
    let endpoints: PortalEndpoints

    /// One page that does is enough, because the router's other pages may lead to it.
    func finding(_ pages: [GatewayPage]) -> Finding {
        guard !pages.isEmpty else {
            return Finding(.routerRedirect, .ok, "The router redirects guests to the portal.")
        }
        let entry = "\(endpoints.origin)/hotspot/\(site.text)"
        let leading = pages.filter { $0.addresses.contains { $0.lowercased() == entry.lowercased() } }
        guard leading.isEmpty else {
            return Finding(
                .routerRedirect, .ok, "The router redirects guests to the portal's entry.",
                evidence: leading.map(\.name))
        }
        let isOtherSite = pages.flatMap(\.addresses).contains { $0.hasPrefix(endpoints.origin + "/hotspot/") }
        return Finding(
            .routerRedirect, .problem,
            isOtherSite
                ? "The router redirects guests to another site's entry."
                : "The router's pages do not lead guests to this portal.",
            remedy: "Run `portico router script` for this site, and apply its output on the router.",
            evidence: pages.map { "\($0.name): \($0.addresses.joined(separator: ", "))" })
    }
}
