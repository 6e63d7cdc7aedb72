import Captive
import Foundation
import GatewaySimulator
import Storage
import Testing

@testable import Gateways

/// After any fault at any command of an order, the router and the database finally agree, and no guest loses time or a
/// coupon. The number of commands is taken from a run without faults.
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
    private func commands(_ books: RealBooks) -> Int { books.fixture.router.counts.values.reduce(0, +) }

    @Test(arguments: cases)
    func `a fault at any command of an authorization is recovered from`(_ test: Case) async throws {
        let clean = try await RealBooks(test.kind)
        let (_, order) = try await clean.redeem(try clean.fixture.joined())
        #expect(try await clean.deliver(order).status == .active)
        let steps = commands(clean)
        #expect(steps >= 5)
        for step in 0..<steps { try await authorize(failing: test, at: step) }
    }

    private func authorize(failing test: Case, at step: Int) async throws {
        let books = try await RealBooks(test.kind)
        let client = try books.fixture.joined()
        let (coupon, order) = try await books.redeem(client)
        books.fixture.router.plan(test.fault, after: step)
        let session = try await books.settle(order)
        #expect(books.fixture.router.plannedFaults == 0, "step \(step)")
        let online = try await books.fixture.gateway.online()
        switch session.status {
        case .active:
            #expect(online == [client], "step \(step)")
            #expect(books.fixture.router.rows("ip/hotspot/user").count == 1, "step \(step)")
            #expect(try await !books.isValid(coupon), "step \(step)")
        case .failed:
            #expect(online.isEmpty, "step \(step)")
            #expect(books.fixture.router.rows("ip/hotspot/user").isEmpty, "step \(step)")
            #expect(try await books.isValid(coupon), "step \(step)")
        default: Issue.record("step \(step): the session is \(session.status)")
        }
    }

    /// After another restart of the router, the device is absent and its session waits for it.
    private static let passing = cases.filter { !"\($0.fault)".contains("reboot") }

    @Test(arguments: passing)
    func `a fault at any command of restoring a session costs neither the session nor time`(_ test: Case) async throws {
        let steps = try await letInAgain(try await RealBooks(test.kind), failing: nil)
        #expect(steps >= 5)
        for step in 0..<steps { _ = try await letInAgain(try await RealBooks(test.kind), failing: (test.fault, step)) }
    }

    /// Returns the number of commands.
    private func letInAgain(_ books: RealBooks, failing plan: (fault: RouterFault, step: Int)?) async throws -> Int {
        let client = try books.fixture.joined()
        let (coupon, first) = try await books.redeem(client)
        let stay = try await books.deliver(first)
        books.fixture.clock.advance(600)
        books.fixture.router.reboot()
        books.fixture.router.connect(client.mac, client.ip)
        let now = books.fixture.clock.now()
        let order = try #require(try await books.store.reauthorize(stay.id, client: client, now: now))
        let before = commands(books)
        if let plan { books.fixture.router.plan(plan.fault, after: plan.step) }
        let session = try await books.deliver(order)
        let taken = commands(books) - before
        #expect(books.fixture.router.plannedFaults == 0)
        #expect(session == stay, "step \(plan?.step ?? -1)")
        #expect(try await books.store.pendingOrders().isEmpty)
        #expect(try await books.fixture.gateway.online() == [client], "step \(plan?.step ?? -1)")
        #expect(try await !books.isValid(coupon))
        return taken
    }

    @Test(arguments: cases)
    func `a fault at any command of a revocation is recovered from`(_ test: Case) async throws {
        let clean = try await RealBooks(test.kind)
        let steps = try await revoke(clean, failing: nil)
        #expect(steps >= 4)
        for step in 0..<steps { _ = try await revoke(try await RealBooks(test.kind), failing: (test.fault, step)) }
    }

    /// Returns the number of commands of the revocation.
    private func revoke(_ books: RealBooks, failing plan: (fault: RouterFault, step: Int)?) async throws -> Int {
        let (_, order) = try await books.redeem(try books.fixture.joined())
        let session = try await books.deliver(order)
        let before = commands(books)
        let revocation = try await books.end(session)
        if let plan { books.fixture.router.plan(plan.fault, after: plan.step) }
        if plan == nil { _ = try await books.deliver(revocation) } else { _ = try await books.settle(revocation) }
        let taken = commands(books) - before
        #expect(books.fixture.router.plannedFaults == 0)
        #expect(try await books.fixture.gateway.online().isEmpty, "step \(plan?.step ?? -1)")
        #expect(books.fixture.router.rows("ip/hotspot/user").isEmpty, "step \(plan?.step ?? -1)")
        return taken
    }
}
