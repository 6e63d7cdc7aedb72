package import Foundation
import Synchronization

/// Bounds how often something happens, by key. In memory and bounded. Thread-safe.
package final class RateLimit<Key: Hashable & Sendable>: Sendable {
    private let limit: Int
    private let counts: Mutex<WindowCounts<Key>>

    /// - Parameters:
    ///   - limit: events in a window, which begins with a key's first event.
    ///   - seconds: of a window.
    ///   - capacity: keys that are remembered for certain; older ones may be forgotten.
    package init(_ limit: Int, in seconds: TimeInterval = 60, capacity: Int = 100_000) {
        self.limit = limit
        counts = Mutex(WindowCounts(length: seconds, capacity: capacity))
    }

    /// Counts an event; if there were too many, it is not counted, and the answer is the seconds until the next may be.
    package func take(_ key: Key, now: Date) -> Int? {
        counts.withLock { counts in
            guard counts.count(of: key, now: now) < limit else { return counts.secondsLeft(of: key, now: now) }
            counts.add(key, now: now)
            return nil
        }
    }
}
