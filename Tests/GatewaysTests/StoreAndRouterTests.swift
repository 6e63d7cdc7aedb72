import Captive
import Foundation
import GatewaySimulator
import Testing

/// The reconciler, the driver and a failing router: when no device is pending, the database and the router agree.
@Suite struct StoreAndRouterTests {
    private static let steps = [
        "POST ip/hotspot/host/print", "POST ip/hotspot/active/print", "PUT ip/hotspot/user",
        "POST ip/hotspot/active/login",
    ]
    private static let faults: [RouterFault] = [
        .hang, .loseAnswer, .garbage, .refuse(status: 503, detail: "busy"),
        .refuse(status: 400, detail: "failure: already authorizing, retry later"),
        .refuse(status: 400, detail: "Session closed"),
        .refuse(status: 500, detail: "not enough permissions (9)"),
    ]

    private func routedSite() async throws -> RoutedSite { try await RoutedSite(timeout: .milliseconds(800)) }

    @Test(arguments: steps, faults)
    func `a guest is online once the session is active`(_ step: String, _ fault: RouterFault) async throws {
        let site = try await routedSite()
        let client = try site.fixture.joined()
        let (coupon, session) = try await site.database.redeem(client)
        site.fixture.router.plan(fault, on: step, times: 2)
        #expect(try await site.reconcile(session).status == .active)
        #expect(try await site.fixture.gateway.online() == [client])
        #expect(site.fixture.router.rows("ip/hotspot/user").count == 1)
        #expect(try await !site.database.isValid(coupon))
    }

    @Test func `a refused session leaves nothing on the router`() async throws {
        let site = try await routedSite()
        let (coupon, session) = try await site.database.redeem(try site.fixture.joined())
        site.fixture.router.plan(.refuse(status: 400, detail: "failure: no"), on: "POST ip/hotspot/active/login")
        let refused = try await site.reconcile(session)
        #expect(refused.status == .failed && refused.reason == "router_refused")
        #expect(site.fixture.router.rows("ip/hotspot/user").isEmpty)
        #expect(try await site.database.isValid(coupon))
    }

    @Test func `a forged address does not affect the device that has it`() async throws {
        let site = try await routedSite()
        let owner = try site.fixture.joined(1)
        try await site.fixture.gateway.authorize(owner, for: 3_600)
        let forged = GatewayClient(mac: owner.mac, ip: try site.fixture.joined(2).ip)
        let (coupon, session) = try await site.database.redeem(forged)
        let refused = try await site.reconcile(session)
        #expect(refused.status == .failed && refused.reason == "device_mismatch")
        #expect(try await site.fixture.gateway.online() == [owner])
        #expect(try await site.database.isValid(coupon))
    }
}
