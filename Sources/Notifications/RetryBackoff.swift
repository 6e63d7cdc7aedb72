import Captive
import Foundation

/// The time of the next attempt after a failed delivery. Delays double from 5 seconds to an hour. Each is shortened at
/// random by up to a quarter, which avoids synchronised retries.
struct RetryBackoff: Sendable {
    var backoff = Backoff(first: 5, longest: 3_600)
    /// Seconds after a notification's creation from which on it is not retried.
    var maxAge: TimeInterval = 3 * 86_400

    /// `attempts` includes the failed one; `chance` is a new random number from 0 to 1. Returns nil if the next attempt
    /// would be after `maxAge` or after the coupons' expiry.
    func next(after attempts: Int, created: Date, expires: Date, now: Date, chance: Double) -> Date? {
        let moment = now + backoff.wait(after: attempts, chance: chance)
        return moment < min(created + maxAge, expires) ? moment : nil
    }
}
