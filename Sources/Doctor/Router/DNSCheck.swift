internal import Captive

extension GuestNames {
    /// Whether guests' devices can find the portal by its name.
    func finding(door: PortalEndpoints) -> Finding {
        if door.isAddress || door.isLoopback {
            return Finding(.routerNames, .ok, "The portal is known by its address, so that no name has to be found.")
        }
        if let addresses = fixed[door.host] {
            return Finding(
                .routerNames, .ok, "The router itself tells guests where \(door.host) is.", evidence: addresses)
        }
        if asksOthers {
            return Finding(
                .routerNames, .ok, "The router asks other servers for names; \(door.host) has to be known to them.")
        }
        return Finding(
            .routerNames, .problem, "The router does not know \(door.host), and has no server to ask for it.",
            remedy: "Set a DNS server (/ip dns set servers=...), or a static entry for \(door.host).")
    }
}
