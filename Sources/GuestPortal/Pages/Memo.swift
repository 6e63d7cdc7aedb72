import Synchronization

/// Answers that were worked out before, for questions that come again and again. Bounded, thread-safe.
///
/// When it is full it is emptied: cheaper than order, and a flood of questions that nobody repeats costs no more than
/// working each out.
final class Memo<Question: Hashable & Sendable, Answer: Sendable>: Sendable {
    private let capacity: Int
    private let answers = Mutex<[Question: Answer]>([:])

    init(capacity: Int) { self.capacity = capacity }

    /// The answer, from memory or from `work`, which runs outside the lock and must always answer the same.
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
