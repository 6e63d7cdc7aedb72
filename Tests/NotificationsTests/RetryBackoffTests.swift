import Foundation
import Testing

@testable import Notifications

@Suite struct RetryBackoffTests {
    private let made = Date(timeIntervalSince1970: 1_800_000_000)
    private let pace = RetryBackoff()

    private func wait(_ attempts: Int, chance: Double = 0) -> TimeInterval? {
        pace.next(after: attempts, made: made, expires: .distantFuture, now: made, chance: chance)
            .map { $0.timeIntervalSince(made) }
    }

    @Test func `waits double up to an hour`() {
        #expect([1, 2, 3, 4].map { wait($0) } == [5, 10, 20, 40])
        #expect(wait(11) == 3_600 && wait(1_000_000) == 3_600 && wait(0) == 5)
    }

    @Test func `chance shortens a wait by up to a quarter`() {
        #expect(wait(2, chance: 1) == 7.5 && wait(2, chance: 0.5) == 8.75)
    }

    @Test func `a notification is given up after three days`() {
        let next = { now in pace.next(after: 20, made: made, expires: .distantFuture, now: now, chance: 0) }
        #expect(next(made + 3 * 86_400 - 3_601) != nil)
        #expect(next(made + 3 * 86_400 - 3_600) == nil)
    }

    @Test func `a notification is given up when its coupons are over`() {
        #expect(pace.next(after: 1, made: made, expires: made + 5, now: made, chance: 0) == nil)
        #expect(pace.next(after: 1, made: made, expires: made + 6, now: made, chance: 0) == made + 5)
    }
}
