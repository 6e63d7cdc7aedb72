internal import CLinux

/// Milliseconds of a monotonic clock.
struct MonotonicTime: Comparable, Sendable {
    var milliseconds: Int64

    static var now: MonotonicTime { MonotonicTime(milliseconds: clinux_monotonic_milliseconds()) }
    static let distantFuture = MonotonicTime(milliseconds: .max)

    static func < (left: MonotonicTime, right: MonotonicTime) -> Bool { left.milliseconds < right.milliseconds }

    static func + (time: MonotonicTime, duration: Duration) -> MonotonicTime {
        MonotonicTime(milliseconds: time.milliseconds + duration.milliseconds)
    }
}

extension Duration {
    /// Whole milliseconds; at least 0, at most about 146 million years.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return max(0, min(seconds, .max / 2000)) * 1000 + max(0, attoseconds / 1_000_000_000_000_000)
    }
}
