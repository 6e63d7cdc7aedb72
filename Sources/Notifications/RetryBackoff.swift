import Foundation

/// When a delivery that failed is tried again. Waits double from 5 seconds to an hour and are shortened at random by up
/// to a quarter, so that nodes and notifications do not knock in step.
struct RetryBackoff: Sendable {
    var first: TimeInterval = 5
    var longest: TimeInterval = 3_600
    /// Seconds from the making of a notification after which it is given up.
    var patience: TimeInterval = 3 * 86_400

    /// `attempts` counts the one that failed, `chance` is 0 to 1 and drawn anew. Nil if that would be later than
    /// patience lasts, or than the coupons do: nobody needs to hear of them then.
    func next(after attempts: Int, made: Date, expires: Date, now: Date, chance: Double) -> Date? {
        let doubled = first * pow(2, Double(min(max(attempts, 1), 20) - 1))
        let moment = now + min(doubled, longest) * (1 - chance / 4)
        return moment < min(made + patience, expires) ? moment : nil
    }
}
