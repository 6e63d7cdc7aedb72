internal import Foundation
internal import Synchronization

/// Those who wait for orders to be done.
final class OrderWaiters: Sendable {
    private struct Waiter {
        var continuation: CheckedContinuation<Bool, Never>
        var timer: Task<Void, Never>?
    }

    private let waiting = Mutex<[UUID: [UUID: Waiter]]>([:])
    private let sleep: OrderQueue.Sleep

    init(sleep: @escaping OrderQueue.Sleep) { self.sleep = sleep }

    /// True once `order` is released; false after `limit`. `isOpen` is asked after the wait has begun, so that a release in
    /// between is not missed.
    func wait(for order: UUID, atMost limit: Duration, isOpen: @Sendable () -> Bool) async -> Bool {
        let ticket = UUID()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                waiting.withLock { $0[order, default: [:]][ticket] = Waiter(continuation: continuation) }
                guard isOpen() else { return release(order) }
                setTimer(order, ticket, limit)
            }
        } onCancel: {
            leave(order, ticket)
        }
    }

    func release(_ order: UUID) {
        guard let waiters = waiting.withLock({ $0.removeValue(forKey: order) })?.values else { return }
        for waiter in waiters {
            waiter.timer?.cancel()
            waiter.continuation.resume(returning: true)
        }
    }

    private func setTimer(_ order: UUID, _ ticket: UUID, _ limit: Duration) {
        let timer = Task { [sleep] in
            try? await sleep(limit)
            leave(order, ticket)
        }
        let isSet = waiting.withLock { waiting in
            guard waiting[order]?[ticket] != nil else { return false }
            waiting[order]?[ticket]?.timer = timer
            return true
        }
        if !isSet { timer.cancel() }
    }

    private func leave(_ order: UUID, _ ticket: UUID) {
        let waiter = waiting.withLock { waiting in
            let waiter = waiting[order]?.removeValue(forKey: ticket)
            if waiting[order]?.isEmpty == true { waiting[order] = nil }
            return waiter
        }
        waiter?.timer?.cancel()
        waiter?.continuation.resume(returning: false)
    }
}
