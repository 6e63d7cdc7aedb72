internal import CLinux
package import Captive

/// Reads this machine's setup for the doctor. The clock is the portal's. DHCP and DNS belong to other programs.
extension NftablesGateway: GatewayInspection {
    package func inspect() async -> GatewaySetup {
        var setup = GatewaySetup(unreadable: "it is another program's, such as dnsmasq")
        setup.clock = .read(GatewayClock(ahead: 0, isSynchronized: clinux_clock_is_synchronized() != 0))
        // Changed rules are restored when the router's health is read.
        setup.issues = .read([])
        setup.pages = .read([])
        do throws(GatewayError) {
            setup.reachableHosts = .read(ReachableHosts(openedBy: try await walledGarden()))
        } catch {
            setup.reachableHosts = .unreadable(error.explanation)
        }
        return setup
    }
}
