internal import Foundation
internal import Synchronization

/// Tasks that wait for a key, such as a device, to be released.
final class Waiters<Key: Hashable & Sendable>: Sendable {
    private struct Waiter {
        var continuation: CheckedContinuation<Bool, Never>
        var timer: Task<Void, Never>?
    }

    private let waiting = Mutex<[Key: [UUID: Waiter]]>([:])
    private let sleep: Reconciler.Sleep

    init(sleep: @escaping Reconciler.Sleep) { self.sleep = sleep }

    /// Returns true once `key` is released; false after `limit`, or if the task is cancelled. Calls `isOpen` after the
    /// wait has begun, so that a release in between is not missed.
    func wait(for key: Key, atMost limit: Duration, isOpen: @Sendable () -> Bool) async -> Bool {
        let ticket = UUID()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                waiting.withLock { $0[key, default: [:]][ticket] = Waiter(continuation: continuation) }
                guard isOpen() else { return release(key) }
                // The handler below finds no waiter if the task was cancelled before.
                if Task.isCancelled { return leave(key, ticket) }
                setTimer(key, ticket, limit)
            }
        } onCancel: {
            leave(key, ticket)
        }
    }

    func release(_ key: Key) {
        guard let waiters = waiting.withLock({ $0.removeValue(forKey: key) })?.values else { return }
        for waiter in waiters {
            waiter.timer?.cancel()
            waiter.continuation.resume(returning: true)
        }
    }

    private func setTimer(_ key: Key, _ ticket: UUID, _ limit: Duration) {
        let timer = Task { [sleep] in
            try? await sleep(limit)
            leave(key, ticket)
        }
        let isSet = waiting.withLock { waiting in
            guard waiting[key]?[ticket] != nil else { return false }
            waiting[key]?[ticket]?.timer = timer
            return true
        }
        if !isSet { timer.cancel() }
    }

    private func leave(_ key: Key, _ ticket: UUID) {
        let waiter = waiting.withLock { waiting in
            let waiter = waiting[key]?.removeValue(forKey: ticket)
            if waiting[key]?.isEmpty == true { waiting[key] = nil }
            return waiter
        }
        waiter?.timer?.cancel()
        waiter?.continuation.resume(returning: false)
    }
}
