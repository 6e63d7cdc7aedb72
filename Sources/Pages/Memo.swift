import Synchronization

/// A cache of computed values. Bounded, thread-safe.
///
/// A full cache is emptied: this is cheaper than keeping an order, and many questions that do not repeat cost no more
/// than computing each answer.
final class Memo<Question: Hashable & Sendable, Answer: Sendable>: Sendable {
    private let capacity: Int
    private let answers = Mutex<[Question: Answer]>([:])

    init(capacity: Int) { self.capacity = capacity }

    /// Returns the cached answer, or the result of `work`, which runs outside the lock and must be deterministic.
    func answer(_ question: Question, work: () -> Answer) -> Answer {
        if let known = answers.withLock({ $0[question] }) { return known }
        let answer = work()
        answers.withLock { answers in
            if answers.count >= capacity { answers.removeAll(keepingCapacity: true) }
            answers[question] = answer
        }
        return answer
    }
}
