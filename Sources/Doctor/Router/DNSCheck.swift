internal import Captive

extension DNSSettings {
    /// Checks whether guests' devices can resolve the portal's name.
    func finding(endpoints: PortalEndpoints) -> Finding {
        if endpoints.isAddress || endpoints.isLoopback {
            return Finding(.routerNames, .ok, "public_url is an IP address or localhost; no DNS lookup is needed.")
        }
        if let addresses = fixed[endpoints.host] {
            return Finding(
                .routerNames, .ok, "The router resolves \(endpoints.host) by a static entry.", evidence: addresses)
        }
        if asksOthers {
            return Finding(
                .routerNames, .ok, "The router forwards DNS queries; its servers must resolve \(endpoints.host).")
        }
        return Finding(
            .routerNames, .problem,
            "The router cannot resolve \(endpoints.host): it has no DNS server and no static entry.",
            remedy: "Set a DNS server (/ip dns set servers=...), or a static entry for \(endpoints.host).")
    }
}
