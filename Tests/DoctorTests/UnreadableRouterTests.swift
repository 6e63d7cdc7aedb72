import Captive
import Foundation
import Gateways
import NetworkAddress
import Storage
import Testing

@testable import Doctor

/// A router whose driver cannot read the configuration.
@Suite struct UnreadableRouterTests {
    private struct UninspectableGateways: GatewayDirectory {
        func gateway(for siteID: UUID) async throws -> (any Gateway)? { NoopGateway() }
    }

    @Test func `settings that a driver cannot read are advice, never ok`() async throws {
        let fixture = try await DoctorFixture()
        let site = Site(
            id: fixture.siteID, workspace: .default, router: RouterSettings(driver: .nftables), createdAt: Date())
        let endpoints = try #require(PortalEndpoints(origin: DoctorFixture.origin, plain: nil))
        let findings = await RouterChecks(
            site: site, networks: SiteNetworks([], at: site.id), endpoints: endpoints, sites: fixture.store,
            gateways: UninspectableGateways(),
            gardens: WalledGardenPlanner(store: fixture.store, publicURL: DoctorFixture.origin) { _ in [] }
        ).run()
        let unread = findings.filter { $0.summary.contains("the driver nftables cannot read it") }
        #expect(
            unread.map(\.check) == [
                .routerClock, .routerSetup, .routerRedirect, .routerNetworks, .routerProbeHosts, .routerNames,
            ])
        #expect(unread.allSatisfy { $0.severity == .advice })
    }

    @Test func `a router without pages is ok`() throws {
        let endpoints = try #require(PortalEndpoints(origin: DoctorFixture.origin, plain: nil))
        #expect(RedirectPageCheck(site: UUID(), endpoints: endpoints).finding([]).severity == .ok)
    }
}
