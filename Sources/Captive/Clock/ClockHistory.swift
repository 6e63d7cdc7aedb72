package import Foundation

/// Earlier readings of this machine's clock, which distinguish a wrong clock from elapsed time. A machine without a
/// clock battery may start with a time years ahead, at which records would be deleted too early.
package struct ClockHistory: Sendable, Equatable {
    /// The latest trusted time, or the time of the latest record; nil for a new database.
    package var trusted: Date?
    /// The time to which an untrusted clock has jumped, and its latest reading; nil while the clock is trusted.
    package var doubt: ClosedRange<Date>?

    /// The largest difference to the latest trusted time, in seconds, at which an unsynchronised clock is trusted.
    package static let leap: TimeInterval = 86_400
    /// Seconds for which an unsynchronised clock has to run after a jump before it is trusted. Some machines are never
    /// synchronised.
    package static let probation: TimeInterval = 7 * 86_400

    package init(trusted: Date? = nil, doubt: ClosedRange<Date>? = nil) {
        (self.trusted, self.doubt) = (trusted, doubt)
    }

    /// Whether `now` can be trusted. Records the reading. `isSynchronized`: whether the kernel reports that its clock
    /// is synchronised by NTP.
    package mutating func trusts(_ now: Date, isSynchronized: Bool) -> Bool {
        guard let trusted, now > trusted + Self.leap, !isSynchronized, !hasProved(now) else {
            self.trusted = max(trusted ?? now, now)
            doubt = nil
            return true
        }
        return false
    }

    /// Records a reading of an untrusted clock. Returns whether it has run long enough.
    private mutating func hasProved(_ now: Date) -> Bool {
        if let doubt, now >= doubt.upperBound, now <= doubt.upperBound + Self.leap {
            self.doubt = doubt.lowerBound...now
        } else {
            doubt = now...now
        }
        return doubt.map { $0.upperBound.timeIntervalSince($0.lowerBound) >= Self.probation } ?? false
    }
}
