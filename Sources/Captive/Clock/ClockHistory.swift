package import Foundation

/// What is known of this machine's clock from earlier times, to tell a clock that was set wrong from time that has
/// passed. A machine without a battery for its clock may start years ahead, and what is deleted then is gone.
package struct ClockHistory: Sendable, Equatable {
    /// The latest time that was believed, or at which something is known to have happened; nil for a new database.
    package var trusted: Date?
    /// When the clock jumped to where it has been since, and the latest time that was read of it; nil while it is
    /// believed.
    package var doubt: ClosedRange<Date>?

    /// Seconds beyond the latest time known by which a clock may be ahead without a doubt: a portal that was off for
    /// longer needs a clock that is synchronised.
    package static let leap: TimeInterval = 86_400
    /// Seconds for which a clock has to go on from where it jumped before it is believed although nothing
    /// synchronises it: some machines never are.
    package static let probation: TimeInterval = 7 * 86_400

    package init(trusted: Date? = nil, doubt: ClosedRange<Date>? = nil) {
        (self.trusted, self.doubt) = (trusted, doubt)
    }

    /// Whether `now` may be believed, when `isSynchronized` says whether the kernel knows its clock to be set by the
    /// network's time. Remembers what it was asked.
    package mutating func believes(_ now: Date, isSynchronized: Bool) -> Bool {
        guard let trusted, now > trusted + Self.leap, !isSynchronized, !hasProved(now) else {
            self.trusted = max(trusted ?? now, now)
            doubt = nil
            return true
        }
        return false
    }

    /// Notes where the doubted clock is, and says whether it has gone on for long enough.
    private mutating func hasProved(_ now: Date) -> Bool {
        if let doubt, now >= doubt.upperBound, now <= doubt.upperBound + Self.leap {
            self.doubt = doubt.lowerBound...now
        } else {
            doubt = now...now
        }
        return doubt.map { $0.upperBound.timeIntervalSince($0.lowerBound) >= Self.probation } ?? false
    }
}

/// Keeps the history of the clock.
package protocol ClockRecord: Sendable {
    /// Lets `change` alter what is kept, in one transaction; returns what it returns.
    func withClockHistory<Value: Sendable>(
        _ change: @Sendable @escaping (inout ClockHistory) -> Value
    ) async throws -> Value
}
