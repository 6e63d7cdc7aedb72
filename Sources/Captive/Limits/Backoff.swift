package import Foundation

/// Waits between failed attempts. They double from `first` to `longest` seconds, and each is shortened at random by up
/// to a quarter, so that nodes and devices do not retry at the same moment.
package struct Backoff: Sendable {
    package var first: TimeInterval
    package var longest: TimeInterval

    package init(first: TimeInterval, longest: TimeInterval) { (self.first, self.longest) = (first, longest) }

    /// Seconds until the next attempt.
    ///
    /// - Parameters:
    ///   - failures: consecutive failures, including the last one.
    ///   - chance: a new random number from 0 to 1.
    package func wait(after failures: Int, chance: Double) -> TimeInterval {
        min(first * Double(1 << min(max(failures, 1) - 1, 20)), longest) * (1 - chance / 4)
    }
}
