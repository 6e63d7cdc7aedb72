internal import Synchronization

/// Combines concurrent reads. While one read runs, new readers wait and share the next one. Each reader gets the result
/// of a read that began after its call. A reader without concurrent readers does not wait.
final class CoalescedReads<Key: Sendable, Row: Sendable, Failure: Error>: Sendable {
    typealias Answer = Result<[Row], Failure>
    typealias Waiter = (key: Key, continuation: CheckedContinuation<Answer, Never>)

    private struct State {
        var isReading = false
        var waiting: ArraySlice<Waiter> = []
    }

    private let state = Mutex(State())
    private let limit: Int
    private let read: @Sendable ([Key]) async throws(Failure) -> [Row]
    private let bound: (waiting: Int, refusal: Failure)?

    /// `limit`: at most this many keys in one read. `bound`: how many readers may wait, and the error for the next one.
    init(
        limit: Int, bound: (waiting: Int, refusal: Failure)? = nil,
        read: @escaping @Sendable ([Key]) async throws(Failure) -> [Row]
    ) {
        self.limit = limit
        self.bound = bound
        self.read = read
    }

    /// The rows for `key` and for the other keys of the same read.
    func rows(for key: Key) async throws(Failure) -> [Row] {
        let answer = await withCheckedContinuation { continuation in
            let begins: Bool? = state.withLock { state in
                if let bound, state.waiting.count >= bound.waiting { return nil }
                state.waiting.append((key, continuation))
                defer { state.isReading = true }
                return !state.isReading
            }
            if begins == true { Task { await readAll() } }
            if begins == nil, let bound { continuation.resume(returning: .failure(bound.refusal)) }
        }
        return try answer.get()
    }

    private func readAll() async {
        while true {
            let batch = takeBatch()
            if batch.isEmpty { return }
            let answer: Answer
            do { answer = .success(try await read(batch.map(\.key))) } catch { answer = .failure(error) }
            for waiter in batch { waiter.continuation.resume(returning: answer) }
        }
    }

    private func takeBatch() -> [Waiter] {
        state.withLock { state in
            let batch = Array(state.waiting.prefix(limit))
            state.waiting.removeFirst(batch.count)
            if batch.isEmpty { state.isReading = false }
            return batch
        }
    }
}
