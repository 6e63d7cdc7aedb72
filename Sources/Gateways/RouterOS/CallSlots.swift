internal import Synchronization

/// Lets a number of callers in at a time; the others wait in the order they came, or are refused if too many wait.
final class CallSlots: Sendable {
    private struct State {
        var free: Int
        var waiting: ArraySlice<CheckedContinuation<Bool, Never>> = []
    }

    private let state: Mutex<State>
    private let mostWaiting: Int

    init(_ count: Int, mostWaiting: Int = .max) {
        state = Mutex(State(free: count))
        self.mostWaiting = mostWaiting
    }

    /// False if too many wait already, which never happens without a bound; else `give` has to follow.
    @discardableResult
    func take() async -> Bool {
        await withCheckedContinuation { continuation in
            let isIn: Bool? = state.withLock { state in
                if state.free > 0 {
                    state.free -= 1
                    return true
                }
                guard state.waiting.count < mostWaiting else { return false }
                state.waiting.append(continuation)
                return nil
            }
            if let isIn { continuation.resume(returning: isIn) }
        }
    }

    func give() {
        let next = state.withLock { state in
            let next = state.waiting.popFirst()
            if next == nil { state.free += 1 }
            return next
        }
        next?.resume(returning: true)
    }
}
