import Captive
import Foundation
import Gateways
import NetworkAddress
import Storage
import Testing

@testable import Doctor

/// A router whose driver cannot tell how it is set up.
@Suite struct UnreadableRouterTests {
    private struct Mute: GatewayDirectory {
        func gateway(for siteID: UUID) async throws -> (any Gateway)? { NoopGateway() }
    }

    @Test func `what a driver cannot read is said, and never called well`() async throws {
        let clinic = try await Clinic()
        let site = Site(
            id: clinic.siteID, workspace: .default, router: RouterSettings(driver: .nftables), createdAt: Date())
        let door = try #require(PortalDoor(origin: Clinic.origin, plain: nil))
        let findings = await RouterExamination(
            site: site, networks: SiteNetworks([], at: site.id), door: door, sites: clinic.store, gateways: Mute(),
            gardens: WalledGardenPlanner(store: clinic.store, publicURL: Clinic.origin) { _ in [] }
        ).run()
        let unread = findings.filter { $0.summary.contains("the driver nftables cannot read it") }
        #expect(
            unread.map(\.check) == [
                .routerClock, .routerSetup, .routerRedirect, .routerNetworks, .routerProbeHosts, .routerNames,
            ])
        #expect(unread.allSatisfy { $0.severity == .advice })
    }

    @Test func `a router without pages of its own has none that lead astray`() throws {
        let door = try #require(PortalDoor(origin: Clinic.origin, plain: nil))
        #expect(RedirectPages(site: UUID(), door: door).finding([]).severity == .ok)
    }
}
