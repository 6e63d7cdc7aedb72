import Foundation
import Testing

@testable import Notifications

@Suite struct RetryBackoffTests {
    private let created = Date(timeIntervalSince1970: 1_800_000_000)
    private let backoff = RetryBackoff()

    private func wait(_ attempts: Int, chance: Double = 0) -> TimeInterval? {
        backoff.next(after: attempts, created: created, expires: .distantFuture, now: created, chance: chance)
            .map { $0.timeIntervalSince(created) }
    }

    @Test func `delays double up to an hour`() {
        #expect([1, 2, 3, 4].map { wait($0) } == [5, 10, 20, 40])
        #expect(wait(11) == 3_600 && wait(1_000_000) == 3_600 && wait(0) == 5)
    }

    @Test func `a delay is shortened by up to a quarter`() {
        #expect(wait(2, chance: 1) == 7.5 && wait(2, chance: 0.5) == 8.75)
    }

    @Test func `a notification is not retried after three days`() {
        let next = { now in backoff.next(after: 20, created: created, expires: .distantFuture, now: now, chance: 0) }
        #expect(next(created + 3 * 86_400 - 3_601) != nil)
        #expect(next(created + 3 * 86_400 - 3_600) == nil)
    }

    @Test func `a notification is not retried after its coupons expire`() {
        #expect(backoff.next(after: 1, created: created, expires: created + 5, now: created, chance: 0) == nil)
        #expect(backoff.next(after: 1, created: created, expires: created + 6, now: created, chance: 0) == created + 5)
    }
}
