internal import Captive
internal import Foundation
internal import NetworkAddress

/// Whether the networks that the router gives addresses in are those that the portal knows, and what they tell devices.
struct NetworkCheck {
    let networks: SiteNetworks
    let door: PortalEndpoints

    private var claims: [SubnetClaim] { networks.claims }

    func findings(_ networks: [GuestNetwork]) -> [Finding] {
        let guests = networks.filter { network in claims.contains { $0.subnet.overlaps(network.subnet) } }
        return matches(networks, guests) + guests.map(option)
    }

    private func matches(_ networks: [GuestNetwork], _ guests: [GuestNetwork]) -> [Finding] {
        let lost = claims.filter { claim in !networks.contains { $0.subnet.overlaps(claim.subnet) } }.map {
            Finding(
                .routerNetworks, .advice,
                "No DHCP network of the router is in \($0.subnet), which an instance claims.",
                subject: $0.subnet.description,
                remedy: "If another server gives addresses there, all is well; else correct the instance's subnets.")
        }
        let uncovered = guests.filter { network in !claims.contains { $0.subnet.contains(network.subnet) } }.map {
            Finding(
                .routerNetworks, .warning, "Some guests of \($0.subnet) have addresses that no instance claims.",
                subject: $0.subnet.description, remedy: "Let an instance claim the whole of \($0.subnet).")
        }
        guard lost.isEmpty, uncovered.isEmpty else { return lost + uncovered }
        return [
            Finding(
                .routerNetworks, .ok, "The router's DHCP networks and the instances' subnets agree.",
                evidence: guests.map(\.subnet.description))
        ]
    }

    private func option(_ network: GuestNetwork) -> Finding {
        let (severity, summary, remedy) = judge(network.captivePortal, isShared: networks.isShared(network.subnet))
        return Finding(
            .routerOption114, severity, summary, subject: network.subnet.description, remedy: remedy,
            evidence: network.captivePortal.map { [$0] } ?? [])
    }

    private func judge(_ told: String?, isShared: Bool) -> (Finding.Severity, String, String?) {
        let wanted = door.captivePortalAPI(of: networks.site)
        let set = "Set DHCP option 114 to '\(wanted)', or run the script of `portico router script` again."
        switch (told, door.isSecure) {
        case (wanted, true): return (.ok, "DHCP tells devices where the portal's API is.", nil)
        case (door.captivePortalAPI, true) where isShared:
            return (
                .problem,
                "DHCP names the portal's API without the site (option 114), and addresses of the network do not tell "
                    + "the site: devices stay captive after signing in.", set
            )
        case (door.captivePortalAPI, true):
            return (.ok, "DHCP tells devices where the portal's API is, though not at which site they are.", nil)
        case (nil, true): return (.warning, "DHCP does not tell devices where the portal's API is (option 114).", set)
        case (_?, true):
            return (.problem, "DHCP sends devices to another address than the portal's API (option 114).", set)
        case (nil, false):
            return (
                .advice, "DHCP sends no option 114; it is of use only once the portal has an https address.", nil
            )
        case (let told?, false) where told.hasPrefix("https://"):
            return (
                .problem, "DHCP sends devices to an https address that is not this portal's (option 114).",
                "Take option 114 away, or set public_url to the address that it names."
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
