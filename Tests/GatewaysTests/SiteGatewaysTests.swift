import Captive
import Foundation
import Gateways
import HTTPClient
import Testing

@Suite struct SiteGatewaysTests {
    private let sites = FakeSites()
    private let clock = TestClock()
    private let site = UUID()

    private func directory() -> SiteGateways {
        SiteGateways(
            sites: sites, factory: GatewayFactory(http: HTTPClient(), policy: RouterPolicy(allowsLocalRouters: true)),
            now: clock.now)
    }

    private func settings(_ url: String) -> RouterSettings {
        RouterSettings(driver: .routerosREST, url: url, username: "a", password: Secret("b"))
    }

    @Test func `a site without a router has no gateway`() async throws {
        #expect(try await directory().gateway(for: site) == nil)
    }

    @Test func `settings are read once while they are fresh`() async throws {
        sites.set(settings("http://127.0.0.1:1"), for: site)
        let directory = directory()
        for _ in 0..<10 { #expect(try await directory.gateway(for: site) is RouterOSGateway) }
        #expect(sites.reads == 1)
        clock.advance(6)
        _ = try await directory.gateway(for: site)
        #expect(sites.reads == 2)
    }

    @Test func `a reported change takes effect at once`() async throws {
        sites.set(settings("http://127.0.0.1:1"), for: site)
        let directory = directory()
        _ = try await directory.gateway(for: site)
        sites.set(RouterSettings(driver: .none), for: site)
        #expect(try await directory.gateway(for: site) is RouterOSGateway)
        directory.evict(site)
        #expect(try await directory.gateway(for: site) is NoopGateway)
    }

    @Test func `unusable settings are a misconfiguration`() async throws {
        sites.set(RouterSettings(driver: .routerosREST), for: site)
        await #expect(throws: GatewayError.self) { try await directory().gateway(for: site) }
    }
}
