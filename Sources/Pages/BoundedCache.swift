import Synchronization

/// A cache of computed values with a bounded cost. Thread-safe. A hit costs one lock and at most two look-ups,
/// independent of the size.
///
/// Two generations: a requested value moves to the young one. When the young one has half the capacity, it becomes the
/// old one, and the values that were not requested since the last such change are evicted.
package final class BoundedCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct State {
        var young: [Key: Value] = [:]
        var old: [Key: Value] = [:]
        var youngCost = 0
    }

    private let capacity: Int
    private let cost: @Sendable (Value) -> Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - capacity: the limit, in the unit of `cost`.
    ///   - cost: the cost of a value, such as its bytes; 1 for each value unless given.
    package init(capacity: Int, cost: @escaping @Sendable (Value) -> Int = { _ in 1 }) {
        (self.capacity, self.cost) = (capacity, cost)
    }

    /// Returns the value if it is cached.
    package func cached(_ key: Key) -> Value? {
        state.withLock { state in
            if let value = state.young[key] { return value }
            guard let value = state.old[key] else { return nil }
            insert(value, key, in: &state)
            return value
        }
    }

    /// Caches `value`; replaces an earlier one.
    package func insert(_ value: Value, for key: Key) { state.withLock { insert(value, key, in: &$0) } }

    /// Returns the cached value, or the result of `make`, which runs outside the lock and must be deterministic.
    package func value(_ key: Key, make: () throws -> Value) rethrows -> Value {
        if let value = cached(key) { return value }
        let value = try make()
        insert(value, for: key)
        return value
    }

    /// The cost of all cached values, for measurement.
    package var totalCost: Int {
        state.withLock { ($0.young.values.map(cost) + $0.old.values.map(cost)).reduce(0, +) }
    }

    private func insert(_ value: Value, _ key: Key, in state: inout State) {
        let cost = cost(value)
        if state.youngCost + cost > max(capacity / 2, 1) {
            (state.old, state.young, state.youngCost) = (state.young, [:], 0)
        }
        state.old[key] = nil
        if state.young.updateValue(value, forKey: key) == nil { state.youngCost += cost }
    }
}
