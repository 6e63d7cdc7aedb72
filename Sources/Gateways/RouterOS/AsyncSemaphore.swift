internal import Synchronization

/// A semaphore with a bounded queue: at most `count` callers at a time, the others wait in order of arrival.
final class AsyncSemaphore: Sendable {
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

    /// Waits for a slot. Returns false at once if `mostWaiting` callers are waiting; otherwise the caller has to call
    /// `release`.
    @discardableResult
    func acquire() async -> Bool {
        await withCheckedContinuation { continuation in
            let isAcquired: Bool? = state.withLock { state in
                if state.free > 0 {
                    state.free -= 1
                    return true
                }
                guard state.waiting.count < mostWaiting else { return false }
                state.waiting.append(continuation)
                return nil
            }
            if let isAcquired { continuation.resume(returning: isAcquired) }
        }
    }

    func release() {
        let next = state.withLock { state in
            let next = state.waiting.popFirst()
            if next == nil { state.free += 1 }
            return next
        }
        next?.resume(returning: true)
    }
}
