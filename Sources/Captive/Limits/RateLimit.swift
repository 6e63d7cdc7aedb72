package import Foundation
import Synchronization

/// Limits the rate of events by key. In memory, with a bounded size. Thread-safe.
package final class RateLimit<Key: Hashable & Sendable>: Sendable {
    private let limit: Int
    private let counts: Mutex<WindowCounts<Key>>

    /// - Parameters:
    ///   - limit: maximum events in a window, which begins with a key's first event.
    ///   - seconds: length of a window.
    ///   - capacity: number of keys that are always kept; older ones may be evicted.
    package init(_ limit: Int, in seconds: TimeInterval = 60, capacity: Int = 100_000) {
        self.limit = limit
        counts = Mutex(WindowCounts(length: seconds, capacity: capacity))
    }

    /// Counts an event and returns nil. If the limit is reached, does not count it and returns the seconds until the
    /// next one is allowed.
    package func take(_ key: Key, now: Date) -> Int? {
        counts.withLock { counts in
            guard counts.count(of: key, now: now) < limit else { return counts.secondsLeft(of: key, now: now) }
            counts.add(key, now: now)
            return nil
        }
    }
}
