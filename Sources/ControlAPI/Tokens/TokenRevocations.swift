package import Captive
package import Foundation
import Synchronization

/// Which of the portal's own tokens are good: those on record that were not revoked. An answer is remembered for some
/// seconds, so that a request costs no database read; a revocation made through this object counts at once.
/// Thread-safe.
package final class TokenRevocations: Sendable {
    private let store: any APITokenStore
    private let answers = Mutex<[UUID: Answer]>([:])
    /// Seconds until another node's revocation is seen, at most.
    package static let memory: TimeInterval = 3
    private static let capacity = 4_096

    private struct Answer {
        var isGood: Bool
        /// A revocation made here: no answer that was under way undoes it.
        var isFinal = false
        var asked: Date
    }

    package init(store: any APITokenStore) { self.store = store }

    /// False if there is no such token.
    package func revoke(_ id: UUID, now: Date) async throws -> Bool {
        let isKnown = try await store.revokeToken(id, now: now)
        if isKnown { remember(Answer(isGood: false, isFinal: true, asked: now), for: id) }
        return isKnown
    }

    /// False for a token that was revoked, and for one that is not on record: it was made for another database.
    func isGood(_ id: UUID, now: Date) async throws -> Bool {
        if let answer = answers.withLock({ $0[id] }), answer.isFinal || isFresh(answer, now) { return answer.isGood }
        let isGood = try await store.isGoodToken(id)
        remember(Answer(isGood: isGood, asked: now), for: id)
        return isGood
    }

    private func isFresh(_ answer: Answer, _ now: Date) -> Bool {
        (0..<Self.memory).contains(now.timeIntervalSince(answer.asked))
    }

    private func remember(_ answer: Answer, for id: UUID) {
        answers.withLock { answers in
            if answers.count >= Self.capacity { answers.removeAll() }
            if answers[id]?.isFinal != true { answers[id] = answer }
        }
    }
}
