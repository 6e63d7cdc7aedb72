internal import CLinux
package import Captive

/// How this machine is set up for guests. It shares its clock with the portal; DHCP and DNS are other programs' work.
extension NftablesGateway: GatewayInspection {
    package func inspect() async -> GatewaySetup {
        var setup = GatewaySetup(unreadable: "it is another program's, such as dnsmasq")
        setup.clock = .read(GatewayClock(ahead: 0, isSynchronized: clinux_clock_is_synchronized() != 0))
        // Rules that somebody changed are put back when the router's health is asked for.
        setup.flaws = .read([])
        setup.pages = .read([])
        do throws(GatewayError) {
            setup.openPlaces = .read(OpenPlaces(openedBy: try await walledGarden()))
        } catch {
            setup.openPlaces = .unreadable(error.explanation)
        }
        return setup
    }
}
