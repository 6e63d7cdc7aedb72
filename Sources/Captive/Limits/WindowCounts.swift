package import Foundation
import NetworkAddress

/// Counts events by key. A key's window begins with its first event and ends after `length` seconds.
///
/// Each call takes constant time. Holds at most twice `capacity` keys; beyond that, the least recently counted ones are
/// evicted.
package struct WindowCounts<Key: Hashable & Sendable>: Sendable {
    private struct Window {
        var start: Date
        var count: Int
    }

    private let length: TimeInterval
    private let capacity: Int
    // Two generations: a full or old one is dropped as a whole, so that no call visits every key.
    private var recent: [Key: Window] = [:]
    private var older: [Key: Window] = [:]
    private var recentSince: Date?

    /// - Parameter length: length of a window in seconds.
    package init(length: TimeInterval, capacity: Int) {
        self.length = length
        self.capacity = capacity
    }

    /// The number of events of `key` in its current window.
    package func count(of key: Key, now: Date) -> Int { window(of: key, now)?.count ?? 0 }

    /// Seconds until the window of `key` ends, at least 1.
    package func secondsLeft(of key: Key, now: Date) -> Int {
        guard let start = window(of: key, now)?.start else { return 1 }
        return max(1, Int(saturating: (length - now.timeIntervalSince(start)).rounded(.up)))
    }

    /// Counts one event and returns the new count.
    @discardableResult
    package mutating func add(_ key: Key, now: Date) -> Int {
        makeRoom(now)
        var window = window(of: key, now) ?? Window(start: now, count: 0)
        window.count += 1
        recent[key] = window
        return window.count
    }

    /// Subtracts one counted event.
    package mutating func takeBack(_ key: Key, now: Date) {
        guard var window = window(of: key, now), window.count > 0 else { return }
        window.count -= 1
        recent[key] = window
    }

    /// The current window of `key`; nil if there is none.
    private func window(of key: Key, _ now: Date) -> Window? {
        guard let window = recent[key] ?? older[key], isRecent(window.start, now) else { return nil }
        return window
    }

    private mutating func makeRoom(_ now: Date) {
        if let since = recentSince, isRecent(since, now), recent.count < capacity { return }
        (older, recent, recentSince) = (recent, [:], now)
    }

    /// Whether `moment` is within the length of a window in either direction, so that a clock set back cannot extend a
    /// window.
    private func isRecent(_ moment: Date, _ now: Date) -> Bool { abs(now.timeIntervalSince(moment)) < length }
}
