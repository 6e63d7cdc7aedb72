internal import Foundation

/// A cache with a lifetime and a bounded size, because unauthenticated requests can add entries. Each call takes
/// constant time.
struct RecentEntries<Key: Hashable, Value> {
    private struct Entry {
        var value: Value
        var end: Date
    }

    /// Seconds for which a value is cached.
    private let lifetime: TimeInterval
    /// Capacity of each of the two halves. When the newer half is full, the older one is evicted.
    private let capacity: Int
    private var newer: [Key: Entry] = [:]
    private var older: [Key: Entry] = [:]
    /// When `newer` was started.
    private var newerSince = Date.distantPast

    init(lifetime: TimeInterval, capacity: Int = 5_000) {
        self.lifetime = lifetime
        self.capacity = capacity
    }

    mutating func set(_ value: Value, for key: Key, at now: Date) {
        if newer.count >= capacity || abs(now.timeIntervalSince(newerSince)) >= lifetime {
            (older, newer, newerSince) = (newer, [:], now)
        }
        newer[key] = Entry(value: value, end: now.addingTimeInterval(lifetime))
    }

    mutating func remove(_ key: Key) {
        newer[key] = nil
        older[key] = nil
    }

    func value(for key: Key, at now: Date) -> Value? {
        guard let entry = newer[key] ?? older[key], entry.end > now else { return nil }
        return entry.value
    }
}
