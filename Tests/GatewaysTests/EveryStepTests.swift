import Captive
import Foundation
import GatewaySimulator
import Storage
import Testing

@testable import Gateways

/// Whatever goes wrong at whichever command of an order, and however: in the end the router and the books agree, and no
/// guest has paid for it. The commands are counted in a run in which all goes well.
@Suite struct EveryStepTests {
    /// What can go wrong with a command; the last four only where there is a connection to break.
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

    /// A kind with the number of one of its faults, so that the cases run beside each other.
    struct Case: Sendable, CustomTestStringConvertible {
        var kind: RouterKind
        var fault: RouterFault
        var testDescription: String { "\(kind.rawValue): \(fault)" }
    }

    private static let cases = RouterKind.all.flatMap { kind in faults(kind).map { Case(kind: kind, fault: $0) } }

    /// Commands that the router was given.
    private func commands(_ books: RealBooks) -> Int { books.fixture.router.counts.values.reduce(0, +) }

    @Test(arguments: cases)
    func `a fault at any command of an authorization is made good`(_ test: Case) async throws {
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

    /// A device whose router restarts once more is away, and waits for its guest.
    private static let passing = cases.filter { !"\($0.fault)".contains("reboot") }

    @Test(arguments: passing)
    func `a fault at any command of letting a stay in again costs it neither place nor time`(_ test: Case) async throws
    {
        let steps = try await letInAgain(try await RealBooks(test.kind), failing: nil)
        #expect(steps >= 5)
        for step in 0..<steps { _ = try await letInAgain(try await RealBooks(test.kind), failing: (test.fault, step)) }
    }

    /// Returns how many commands it took.
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
    func `a fault at any command of a revocation is made good`(_ test: Case) async throws {
        let clean = try await RealBooks(test.kind)
        let steps = try await revoke(clean, failing: nil)
        #expect(steps >= 4)
        for step in 0..<steps { _ = try await revoke(try await RealBooks(test.kind), failing: (test.fault, step)) }
    }

    /// Returns how many commands the revocation took.
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
