import Captive
import Foundation
import Testing

/// A clock history with shared state.
private final class Judge {
    private var history: ClockHistory
    var trusted: Date? { history.trusted }
    var doubt: ClosedRange<Date>? { history.doubt }

    init(trusted: Date? = nil) { history = ClockHistory(trusted: trusted) }

    func trusts(_ now: Date, isSynchronized: Bool) -> Bool {
        history.trusts(now, isSynchronized: isSynchronized)
    }
}

@Suite struct ClockHistoryTests {
    private static let start = Date(timeIntervalSince1970: 1_800_000_000)
    private static let day: TimeInterval = 86_400

    @Test func `a continuous clock is trusted`() {
        let history = Judge()
        for hour in 0..<100 {
            let now = Self.start + Double(hour) * 3_600
            #expect(history.trusts(now, isSynchronized: false))
            #expect(history.trusted == now)
        }
    }

    @Test func `a clock that is years ahead is not trusted until it is set`() {
        let history = Judge(trusted: Self.start)
        #expect(!history.trusts(Self.start + 3_650 * Self.day, isSynchronized: false))
        #expect(history.trusted == Self.start)
        #expect(history.trusts(Self.start + 60, isSynchronized: false))
        #expect(history.doubt == nil)
    }

    @Test func `a synchronised clock is trusted after a long time off`() {
        let history = Judge(trusted: Self.start)
        #expect(history.trusts(Self.start + 30 * Self.day, isSynchronized: true))
    }

    @Test func `an unsynchronised clock is trusted after a week`() {
        let history = Judge(trusted: Self.start)
        let restart = Self.start + 30 * Self.day
        for hour in stride(from: 0, to: 7 * 24, by: 12) {
            #expect(!history.trusts(restart + Double(hour) * 3_600, isSynchronized: false))
        }
        #expect(history.trusts(restart + 7 * Self.day, isSynchronized: false))
        #expect(history.trusted == restart + 7 * Self.day)
    }

    @Test func `a second jump restarts the probation`() {
        let history = Judge(trusted: Self.start)
        #expect(!history.trusts(Self.start + 30 * Self.day, isSynchronized: false))
        #expect(!history.trusts(Self.start + 40 * Self.day, isSynchronized: false))
        #expect(!history.trusts(Self.start + 35 * Self.day, isSynchronized: false))
    }

    @Test func `setting the clock back keeps the history`() {
        let history = Judge(trusted: Self.start)
        #expect(history.trusts(Date(timeIntervalSince1970: 0), isSynchronized: false))
        #expect(history.trusted == Self.start)
    }
}
