import Foundation
import Synchronization

/// A clock that moves only when a test moves it. It wakes sleeping tasks in the order of their wake-up times.
final class VirtualClock: Sendable {
    private struct Sleeper {
        var due: Date
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now = Date(timeIntervalSince1970: 1_800_000_000)
        var sleepers: [UUID: Sleeper] = [:]
        var cancelled: Set<UUID> = []
    }

    private let state = Mutex(State())

    var now: @Sendable () -> Date { { self.state.withLock(\.now) } }

    var sleep: @Sendable (Duration) async throws -> Void { { try await self.sleep(for: $0) } }

    private func sleep(for duration: Duration) async throws {
        let (id, seconds) = (
            UUID(), Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
        )
        if seconds <= 0 { return try Task.checkCancellation() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return true }
                    state.sleepers[id] = Sleeper(
                        due: state.now.addingTimeInterval(seconds), continuation: continuation)
                    return false
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                let sleeper = state.sleepers.removeValue(forKey: id)
                if sleeper == nil { state.cancelled.insert(id) }
                return sleeper
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Moves to the earliest wake-up time, if there is one, and wakes its task. Both are one step: the task may be
    /// cancelled in between, and the clock must not move without one.
    func wakeFirst() {
        let sleeper = state.withLock { state -> Sleeper? in
            guard let first = state.sleepers.min(by: { $0.value.due < $1.value.due }) else { return nil }
            state.now = max(state.now, first.value.due)
            return state.sleepers.removeValue(forKey: first.key)
        }
        sleeper?.continuation.resume()
    }

    /// Moves to the earliest wake-up time, to `limit` at the latest, and wakes its task. Returns false if `limit` was
    /// reached first.
    @discardableResult
    func wakeNext(before limit: Date) -> Bool {
        let sleeper = state.withLock { state -> Sleeper? in
            let first = state.sleepers.min { $0.value.due < $1.value.due }
            guard let first, first.value.due <= limit else {
                state.now = max(state.now, limit)
                return nil
            }
            state.now = max(state.now, first.value.due)
            return state.sleepers.removeValue(forKey: first.key)
        }
        sleeper?.continuation.resume()
        return sleeper != nil
    }
}

/// Random numbers that a seed determines (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        // Consecutive seeds must not produce the same sequence with an offset.
        state = (seed ^ 0x5851_F42D_4C95_7F2D) &* 0x5851_F42D_4C95_7F2D
        state = next() &* 0x2545_F491_4F6C_DD1D
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Returns true with that probability.
    mutating func chance(_ probability: Double) -> Bool { Double.random(in: 0..<1, using: &self) < probability }

    mutating func pick<T>(_ choices: [T]) -> T { choices[Int.random(in: choices.indices, using: &self)] }
}
