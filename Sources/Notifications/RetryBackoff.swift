import Foundation

/// The time of the next attempt after a failed delivery. Delays double from 5 seconds to an hour. Each is shortened at
/// random by up to a quarter, which avoids synchronised retries.
struct RetryBackoff: Sendable {
    var first: TimeInterval = 5
    var longest: TimeInterval = 3_600
    /// Seconds after a notification's creation from which on it is not retried.
    var maxAge: TimeInterval = 3 * 86_400

    /// `attempts` includes the failed one; `chance` is a new random number from 0 to 1. Returns nil if the next attempt
    /// would be after `maxAge` or after the coupons' expiry.
    func next(after attempts: Int, created: Date, expires: Date, now: Date, chance: Double) -> Date? {
        let doubled = first * pow(2, Double(min(max(attempts, 1), 20) - 1))
        let moment = now + min(doubled, longest) * (1 - chance / 4)
        return moment < min(created + maxAge, expires) ? moment : nil
    }
}
