import Captive
import Foundation
import Testing

@testable import Gateways

/// When failed attempts are made again.
@Suite struct RetryPolicyTests {
    private let policy = RetryPolicy()
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    /// What follows from the last of `count` failures that took `seconds` together.
    private func decision(
        on error: GatewayError, at subject: RetryPolicy.Subject, failures count: Int = 1, in seconds: TimeInterval = 0,
        routerFailures: Int = 1, chance: Double = 0
    ) -> RetryDecision {
        var entry = DeviceEntry()
        var attempt = DeviceEntry.Attempt()
        for number in 1...count {
            let share = count == 1 ? 0 : Double(number - 1) / Double(count - 1)
            attempt = entry.fail(nil, error, at: now + seconds * share)
        }
        return policy.decision(
            on: error, at: subject, attempt, routerFailures: routerFailures, now: now + seconds, chance: chance)
    }

    @Test(arguments: [
        GatewayError.unreachable("no route"), .unauthorized, .forbidden("write"), .misconfigured("no profile"),
    ])
    func `a fault of the router pauses it for up to 5 s`(error: GatewayError) {
        for subject in [RetryPolicy.Subject.request, .activeSession, .revocation, .suspect] {
            let pauses = [1, 2, 3, 100].map { decision(on: error, at: subject, routerFailures: $0) }
            #expect(pauses == [1.34, 2.68, 5, 5].map { .pauseRouter(for: $0) })
        }
    }

    @Test func `a wait is shortened at random by up to a quarter`() {
        #expect(decision(on: .busy(""), at: .request, failures: 9, chance: 1) == .retry(after: 7.5))
        guard case .pauseRouter(let pause) = decision(on: .unauthorized, at: .request, chance: 1) else {
            Issue.record("no pause")
            return
        }
        #expect(pause >= 1, "at most one call in a second")
    }

    @Test(arguments: [GatewayError.busy("starting"), .full("licence")])
    func `waits for a busy router double up to 10 s`(error: GatewayError) {
        for subject in [RetryPolicy.Subject.request, .activeSession, .revocation, .suspect] {
            let waits = [1, 2, 3, 6, 7, 1_000].map { decision(on: error, at: subject, failures: $0) }
            #expect(waits == [0.25, 0.5, 1, 8, 10, 10].map { .retry(after: $0) })
        }
    }

    @Test func `a device of a request may take a minute to appear`() {
        let waits = [1, 4, 5].map { decision(on: .deviceNotSeen, at: .request, failures: $0, in: 59) }
        #expect(waits.first == .retry(after: 0.25))
        #expect(waits.dropFirst().allSatisfy { $0 == .retry(after: 2) })
        #expect(decision(on: .deviceNotSeen, at: .request, failures: 30, in: 60) == .refuse(reason: "device_not_seen"))
    }

    @Test func `the minute begins again after the router has seen the device`() {
        var entry = DeviceEntry()
        _ = entry.fail(nil, .deviceNotSeen, at: now)
        _ = entry.fail(nil, .busy("starting"), at: now + 30)
        let attempt = entry.fail(nil, .deviceNotSeen, at: now + 60)
        let decision = policy.decision(
            on: .deviceNotSeen, at: .request, attempt, routerFailures: 1, now: now + 60, chance: 0)
        #expect(decision == .retry(after: 1))
    }

    @Test(arguments: [GatewayError.deviceMismatch, .refused("no"), .unsupported("no")])
    func `a request that the router refuses is not tried again, other access is`(error: GatewayError) {
        #expect(decision(on: error, at: .request) == .refuse(reason: error.reason))
        for (subject, longest) in [(RetryPolicy.Subject.activeSession, 10.0), (.revocation, 60), (.suspect, 60)] {
            #expect(decision(on: error, at: subject) == .retry(after: 0.25, isStalled: true))
            #expect(decision(on: error, at: subject, failures: 20) == .retry(after: longest, isStalled: true))
        }
    }

    @Test func `an active session whose device stays away is tried every 10 s, and does not count as a guest who waits`() {
        #expect(decision(on: .deviceNotSeen, at: .activeSession, failures: 20, in: 59) == .retry(after: 2))
        #expect(
            decision(on: .deviceNotSeen, at: .activeSession, failures: 40, in: 60)
                == .retry(after: 10, isStalled: true))
    }

    @Test func `a device that a comparison has found is tried more and more rarely`() {
        let waits = [1, 2, 3, 4, 100].map { decision(on: .deviceNotSeen, at: .suspect, failures: $0, in: 3_000) }
        #expect(waits == [10, 20, 40, 60, 60].map { .retry(after: $0) })
    }

    @Test(arguments: [
        (GatewayError.deviceNotSeen, false), (.deviceMismatch, false), (.unreachable("no answer"), true),
        (.refused("no"), true), (.busy("starting"), true),
    ])
    func `the router may hold a part of what failed, unless it does not know the addresses`(
        error: GatewayError, mayHaveBegun: Bool
    ) {
        var entry = DeviceEntry()
        #expect(entry.fail(nil, error, at: now).mayHaveBegun == mayHaveBegun)
        #expect(entry.mayHaveBegun == mayHaveBegun)
        #expect(entry.fail(nil, .deviceNotSeen, at: now).mayHaveBegun == mayHaveBegun, "it is not forgotten")
    }
}
