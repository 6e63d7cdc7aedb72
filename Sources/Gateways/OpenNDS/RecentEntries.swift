internal import Foundation

/// Values that are kept for some time, and not many of them: strangers can cause entries. No call looks at all of them.
struct RecentEntries<Key: Hashable, Value> {
    private struct Entry {
        var value: Value
        var end: Date
    }

    /// Seconds for which a value is kept.
    private let life: TimeInterval
    /// Entries in each of both halves; with more, the older half goes before its time.
    private let most: Int
    private var newer: [Key: Entry] = [:]
    private var older: [Key: Entry] = [:]
    /// When `newer` began.
    private var turnedAt = Date.distantPast

    init(life: TimeInterval, most: Int = 5_000) {
        self.life = life
        self.most = most
    }

    mutating func keep(_ value: Value, for key: Key, at now: Date) {
        if newer.count >= most || abs(now.timeIntervalSince(turnedAt)) >= life {
            (older, newer, turnedAt) = (newer, [:], now)
        }
        newer[key] = Entry(value: value, end: now.addingTimeInterval(life))
    }

    mutating func forget(_ key: Key) {
        newer[key] = nil
        older[key] = nil
    }

    func value(for key: Key, at now: Date) -> Value? {
        guard let entry = newer[key] ?? older[key], entry.end > now else { return nil }
        return entry.value
    }
}
