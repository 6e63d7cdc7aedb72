internal import CLinux
package import Captive

/// Reads this machine's setup for the doctor. The clock is the portal's. DHCP and DNS belong to other programs.
extension NftablesGateway: GatewayInspection {
    package func inspect() async -> GatewaySetup {
        var setup = GatewaySetup(unreadable: "another program, such as dnsmasq, manages it")
        setup.clock = .read(GatewayClock(ahead: 0, isSynchronized: clinux_clock_is_kept() != 0))
        // The health check restores changed rules.
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
