package import Foundation
import NetworkAddress

/// Counts events by key. A key's window begins with its first event; after `length` seconds its count starts from zero.
///
/// Each call takes constant time. Holds at most twice `capacity` keys: when that many are counted, those that were not
/// counted for longest are forgotten.
package struct WindowCounts<Key: Hashable & Sendable>: Sendable {
    private struct Window {
        var start: Date
        var count: Int
    }

    private let length: TimeInterval
    private let capacity: Int
    // Two generations: a full or old one is dropped as a whole, so that no call looks at every key.
    private var recent: [Key: Window] = [:]
    private var older: [Key: Window] = [:]
    private var recentSince: Date?

    /// - Parameter length: seconds of a window.
    package init(length: TimeInterval, capacity: Int) {
        self.length = length
        self.capacity = capacity
    }

    /// Events of `key` in its present window.
    package func count(of key: Key, now: Date) -> Int { window(of: key, now)?.count ?? 0 }

    /// Seconds until the window of `key` ends: at least 1.
    package func secondsLeft(of key: Key, now: Date) -> Int {
        guard let start = window(of: key, now)?.start else { return 1 }
        return max(1, Int(saturating: (length - now.timeIntervalSince(start)).rounded(.up)))
    }

    /// Counts one event and returns the count with it.
    @discardableResult
    package mutating func add(_ key: Key, now: Date) -> Int {
        makeRoom(now)
        var window = window(of: key, now) ?? Window(start: now, count: 0)
        window.count += 1
        recent[key] = window
        return window.count
    }

    /// Takes back one event that was counted.
    package mutating func takeBack(_ key: Key, now: Date) {
        guard var window = window(of: key, now), window.count > 0 else { return }
        window.count -= 1
        recent[key] = window
    }

    /// Nil if there is none, or it is over.
    private func window(of key: Key, _ now: Date) -> Window? {
        guard let window = recent[key] ?? older[key], isRecent(window.start, now) else { return nil }
        return window
    }

    private mutating func makeRoom(_ now: Date) {
        if let since = recentSince, isRecent(since, now), recent.count < capacity { return }
        (older, recent, recentSince) = (recent, [:], now)
    }

    /// Neither long ago nor, by a clock that was set back since, far ahead.
    private func isRecent(_ moment: Date, _ now: Date) -> Bool { abs(now.timeIntervalSince(moment)) < length }
}
