internal import Captive
internal import Foundation
internal import NetworkAddress

/// Compares the router's DHCP networks with the instances' subnets, and checks DHCP option 114 on each network.
struct NetworkCheck {
    let networks: SiteNetworks
    let endpoints: PortalEndpoints

    private var claims: [SubnetClaim] { networks.claims }

    func findings(_ networks: [GuestNetwork]) -> [Finding] {
        let guests = networks.filter { network in claims.contains { $0.subnet.overlaps(network.subnet) } }
        return matches(networks, guests) + guests.map(option)
    }

    private func matches(_ networks: [GuestNetwork], _ guests: [GuestNetwork]) -> [Finding] {
        let withoutDHCP = claims.filter { claim in !networks.contains { $0.subnet.overlaps(claim.subnet) } }.map {
            Finding(
                .routerNetworks, .advice,
                "The router has no DHCP network in \($0.subnet), a subnet of an instance.",
                subject: $0.subnet.description,
                remedy: "If another DHCP server serves it, ignore this; otherwise correct the instance's subnets.")
        }
        let uncovered = guests.filter { network in !claims.contains { $0.subnet.contains(network.subnet) } }.map {
            Finding(
                .routerNetworks, .warning, "\($0.subnet) has addresses that are in no instance's subnets.",
                subject: $0.subnet.description, remedy: "Add all of \($0.subnet) to an instance's subnets.")
        }
        guard withoutDHCP.isEmpty, uncovered.isEmpty else { return withoutDHCP + uncovered }
        return [
            Finding(
                .routerNetworks, .ok, "The router's DHCP networks and the instances' subnets agree.",
                evidence: guests.map(\.subnet.description))
        ]
    }

    private func option(_ network: GuestNetwork) -> Finding {
        let (severity, summary, remedy) = evaluate(network.captivePortal, isShared: networks.isShared(network.subnet))
        return Finding(
            .routerOption114, severity, summary, subject: network.subnet.description, remedy: remedy,
            evidence: network.captivePortal.map { [$0] } ?? [])
    }

    private func evaluate(_ option: String?, isShared: Bool) -> (Finding.Severity, String, String?) {
        let expected = endpoints.captivePortalAPI(of: networks.site)
        let set = "Set DHCP option 114 to '\(expected)', or run the script of `portico router script` again."
        switch (option, endpoints.isSecure) {
        case (expected, true): return (.ok, "DHCP names the portal's API (option 114).", nil)
        case (endpoints.captivePortalAPI, true) where isShared:
            return (
                .problem,
                "DHCP names the portal's API without the site (option 114), and the site does not follow from the "
                    + "addresses: devices remain captive after signing in.", set
            )
        case (endpoints.captivePortalAPI, true):
            return (.ok, "DHCP names the portal's API, without the site (option 114).", nil)
        case (nil, true): return (.warning, "DHCP does not name the portal's API (option 114).", set)
        case (_?, true):
            return (.problem, "DHCP names an address that is not the portal's API (option 114).", set)
        case (nil, false):
            return (
                .advice, "DHCP sends no option 114, which requires an https address of the portal.", nil
            )
        case (let option?, false) where option.hasPrefix("https://"):
            return (
                .problem, "DHCP names an https address that is not this portal's (option 114).",
                "Remove option 114, or set public_url to the address that it names."
            )
        case (_?, false):
            return (
                .advice, "DHCP names an address that is not https, which devices ignore (option 114).",
                "Set public_url to https, and run the script of `portico router script` again."
            )
        }
    }
}

extension Subnet {
    fileprivate func contains(_ other: Subnet) -> Bool { prefixLength <= other.prefixLength && contains(other.base) }
}
