import Captive
import Foundation
import GatewaySimulator
import Storage
import Testing

@testable import Gateways

/// After any fault at any command of a device's reconciliation, the router and the database finally agree, and no guest
/// loses time or a coupon. The number of commands is taken from a run without faults.
@Suite struct EveryStepTests {
    /// The faults of a command; the last four only for a driver with persistent connections.
    private static func faults(_ kind: RouterKind) -> [RouterFault] {
        let common: [RouterFault] = [
            .hang, .loseAnswer, .garbage, .refuse(status: 503, detail: "busy"),
            .reboot(.beforeTheWork, boot: 3), .reboot(.beforeTheAnswer, boot: 3),
        ]
        guard kind != .rest else { return common }
        return common + [
            .drop(.beforeTheWork), .drop(.duringTheAnswer), .drop(.beforeTheAnswer), .fatal("session terminated"),
        ]
    }

    /// A kind with the number of one of its faults, so that the cases run in parallel.
    struct Case: Sendable, CustomTestStringConvertible {
        var kind: RouterKind
        var fault: RouterFault
        var testDescription: String { "\(kind.rawValue): \(fault)" }
    }

    private static let cases = RouterKind.all.flatMap { kind in faults(kind).map { Case(kind: kind, fault: $0) } }

    /// The number of commands that the router received.
    private func commands(_ site: RoutedSite) -> Int { site.fixture.router.counts.values.reduce(0, +) }

    @Test(arguments: cases)
    func `a fault at any command of an authorization is recovered from`(_ test: Case) async throws {
        let clean = try await RoutedSite(test.kind)
        let (_, session) = try await clean.database.redeem(try clean.fixture.joined())
        #expect(try await clean.reconcile(session).status == .active)
        let steps = commands(clean)
        #expect(steps >= 5)
        for step in 0..<steps { try await authorize(failing: test, at: step) }
    }

    private func authorize(failing test: Case, at step: Int) async throws {
        let site = try await RoutedSite(test.kind)
        let client = try site.fixture.joined()
        let (coupon, requested) = try await site.database.redeem(client)
        site.fixture.router.plan(test.fault, after: step)
        let session = try await site.settle(requested)
        #expect(site.fixture.router.plannedFaults == 0, "step \(step)")
        #expect(try await !site.database.isPending(session.siteDevice), "step \(step)")
        let online = try await site.fixture.gateway.online()
        switch session.status {
        case .active:
            #expect(online == [client], "step \(step)")
            #expect(site.fixture.router.rows("ip/hotspot/user").count == 1, "step \(step)")
            #expect(try await !site.database.isValid(coupon), "step \(step)")
        case .failed:
            #expect(online.isEmpty, "step \(step)")
            #expect(site.fixture.router.rows("ip/hotspot/user").isEmpty, "step \(step)")
            #expect(try await site.database.isValid(coupon), "step \(step)")
        default: Issue.record("step \(step): the session is \(session.status)")
        }
    }

    /// After another restart of the router, the device is absent and its session waits for it.
    private static let passing = cases.filter { !"\($0.fault)".contains("reboot") }

    @Test(arguments: passing)
    func `a fault at any command of restoring a session costs neither the session nor time`(_ test: Case) async throws {
        let steps = try await restore(try await RoutedSite(test.kind), failing: nil)
        #expect(steps >= 5)
        for step in 0..<steps {
            _ = try await restore(try await RoutedSite(test.kind), failing: (test.fault, step))
        }
    }

    /// Returns the number of commands.
    private func restore(_ site: RoutedSite, failing plan: (fault: RouterFault, step: Int)?) async throws -> Int {
        let client = try site.fixture.joined()
        let (coupon, requested) = try await site.database.redeem(client)
        let active = try await site.reconcile(requested)
        #expect(active.status == .active)
        site.fixture.clock.advance(600)
        site.fixture.router.reboot()
        site.fixture.router.connect(client.mac, client.ip)
        let now = site.fixture.clock.now()
        let waiting = try #require(try await site.database.store.recapture(active.id, at: client, now: now))
        let before = commands(site)
        if let plan { site.fixture.router.plan(plan.fault, after: plan.step) }
        let session = try await site.reconcile(waiting)
        let taken = commands(site) - before
        #expect(site.fixture.router.plannedFaults == 0)
        #expect(session == active, "step \(plan?.step ?? -1)")
        #expect(try await !site.database.isPending(session.siteDevice))
        #expect(try await site.fixture.gateway.online() == [client], "step \(plan?.step ?? -1)")
        #expect(try await !site.database.isValid(coupon))
        return taken
    }

    @Test(arguments: cases)
    func `a fault at any command of a revocation is recovered from`(_ test: Case) async throws {
        let clean = try await RoutedSite(test.kind)
        let steps = try await revoke(clean, failing: nil)
        #expect(steps >= 4)
        for step in 0..<steps { _ = try await revoke(try await RoutedSite(test.kind), failing: (test.fault, step)) }
    }

    /// Returns the number of commands of the revocation.
    private func revoke(_ site: RoutedSite, failing plan: (fault: RouterFault, step: Int)?) async throws -> Int {
        let (_, requested) = try await site.database.redeem(try site.fixture.joined())
        let session = try await site.reconcile(requested)
        #expect(session.status == .active)
        let before = commands(site)
        try await site.end(session)
        if let plan { site.fixture.router.plan(plan.fault, after: plan.step) }
        if plan == nil { _ = try await site.reconcile(session) } else { _ = try await site.settle(session) }
        let taken = commands(site) - before
        #expect(site.fixture.router.plannedFaults == 0)
        #expect(try await !site.database.isPending(session.siteDevice))
        #expect(try await site.fixture.gateway.online().isEmpty, "step \(plan?.step ?? -1)")
        #expect(site.fixture.router.rows("ip/hotspot/user").isEmpty, "step \(plan?.step ?? -1)")
        return taken
    }
}
