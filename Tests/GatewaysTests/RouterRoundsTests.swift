import Foundation
import Testing

@testable import Gateways

/// Rounds that can be changed within an expectation: those of a router that was compared at an uptime of 5,000 s.
private final class Rounds {
    private var rounds = RouterRounds(interval: 300)

    init(comparedAt now: Date) {
        #expect(isDue(uptime: 5_000, now: now))
        rounds.compared(at: now, chance: 0)
    }

    func isDue(uptime: Int, now: Date) -> Bool { rounds.isDue(uptime: uptime, now: now) }
}

/// When a router is compared with the database.
@Suite struct RouterRoundsTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    @Test func `a router is compared at first, after its interval and after a restart`() {
        let rounds = Rounds(comparedAt: now)
        #expect(!rounds.isDue(uptime: 5_010, now: now + 10))
        #expect(rounds.isDue(uptime: 5_300, now: now + 300))
        #expect(Rounds(comparedAt: now).isDue(uptime: 3, now: now + 10))
    }

    @Test(arguments: [-86_400.0, -7_200, -5_007, -15, 3_600])
    func `a restart is detected regardless of changes of the portal's clock`(jump: Double) {
        #expect(Rounds(comparedAt: now).isDue(uptime: 3, now: now + 10 + jump))
    }

    @Test func `setting the clock back does not delay a comparison`() {
        #expect(Rounds(comparedAt: now).isDue(uptime: 5_300, now: now + 300 - 86_400))
    }
}
