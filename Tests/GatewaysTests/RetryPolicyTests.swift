import Captive
import Foundation
import Testing

@testable import Gateways

@Suite struct RetryPolicyTests {
    private let policy = RetryPolicy()
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    /// The decision after the last of `count` failures within `seconds`.
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
    func `a router error pauses the router for up to 5 s`(error: GatewayError) {
        for subject in [RetryPolicy.Subject.request, .activeSession, .revocation, .suspect] {
            let pauses = [1, 2, 3, 100].map { decision(on: error, at: subject, routerFailures: $0) }
            #expect(pauses == [1.34, 2.68, 5, 5].map { .pauseRouter(for: $0) })
        }
    }

    @Test func `a wait is randomly shortened by up to a quarter`() {
        #expect(decision(on: .busy(""), at: .request, failures: 9, chance: 1) == .retry(after: 7.5))
        guard case .pauseRouter(let pause) = decision(on: .unauthorized, at: .request, chance: 1) else {
            Issue.record("no pause")
            return
        }
        #expect(pause >= 1, "at most one call in a second")
    }

    @Test(arguments: [GatewayError.busy("starting"), .full("licence")])
    func `waits for a busy router double, up to 10 s`(error: GatewayError) {
        for subject in [RetryPolicy.Subject.request, .activeSession, .revocation, .suspect] {
            let waits = [1, 2, 3, 6, 7, 1_000].map { decision(on: error, at: subject, failures: $0) }
            #expect(waits == [0.25, 0.5, 1, 8, 10, 10].map { .retry(after: $0) })
        }
    }

    @Test func `a device has a minute to appear`() {
        let waits = [1, 4, 5].map { decision(on: .deviceNotSeen, at: .request, failures: $0, in: 59) }
        #expect(waits.first == .retry(after: 0.25))
        #expect(waits.dropFirst().allSatisfy { $0 == .retry(after: 2) })
        #expect(decision(on: .deviceNotSeen, at: .request, failures: 30, in: 60) == .refuse(reason: "device_not_seen"))
    }

    @Test func `the minute starts again after the router saw the device`() {
        var entry = DeviceEntry()
        _ = entry.fail(nil, .deviceNotSeen, at: now)
        _ = entry.fail(nil, .busy("starting"), at: now + 30)
        let attempt = entry.fail(nil, .deviceNotSeen, at: now + 60)
        let decision = policy.decision(
            on: .deviceNotSeen, at: .request, attempt, routerFailures: 1, now: now + 60, chance: 0)
        #expect(decision == .retry(after: 1))
    }

    @Test(arguments: [GatewayError.deviceMismatch, .refused("no"), .unsupported("no")])
    func `a refused request is not retried; other access is`(error: GatewayError) {
        #expect(decision(on: error, at: .request) == .refuse(reason: error.reason))
        for (subject, longest) in [(RetryPolicy.Subject.activeSession, 10.0), (.revocation, 60), (.suspect, 60)] {
            #expect(decision(on: error, at: subject) == .retry(after: 0.25, isStalled: true))
            #expect(decision(on: error, at: subject, failures: 20) == .retry(after: longest, isStalled: true))
        }
    }

    @Test func `an active session stalls when its device does not appear for a minute`() {
        #expect(decision(on: .deviceNotSeen, at: .activeSession, failures: 20, in: 59) == .retry(after: 2))
        #expect(
            decision(on: .deviceNotSeen, at: .activeSession, failures: 40, in: 60)
                == .retry(after: 10, isStalled: true))
    }

    @Test func `waits for a device found by a comparison double, from 10 s to 60 s`() {
        let waits = [1, 2, 3, 4, 100].map { decision(on: .deviceNotSeen, at: .suspect, failures: $0, in: 3_000) }
        #expect(waits == [10, 20, 40, 60, 60].map { .retry(after: $0, isStalled: false) })
    }

    @Test(arguments: [
        (GatewayError.deviceNotSeen, false), (.deviceMismatch, false), (.unreachable("no answer"), true),
        (.refused("no"), true), (.busy("starting"), true),
    ])
    func `a failed attempt may have been carried out in part, unless the router does not know the device`(
        error: GatewayError, mayHaveBegun: Bool
    ) {
        var entry = DeviceEntry()
        #expect(entry.fail(nil, error, at: now).mayHaveBegun == mayHaveBegun)
        #expect(entry.mayHaveBegun == mayHaveBegun)
        #expect(entry.fail(nil, .deviceNotSeen, at: now).mayHaveBegun == mayHaveBegun, "once true, always true")
    }
}
