package import Captive
package import Foundation
import Synchronization

/// Which tokens have been revoked. An answer is remembered for some seconds, so that a request costs no database read;
/// a revocation made through this object counts at once. Thread-safe.
package final class TokenRevocations: Sendable {
    private let store: any APITokenStore
    private let answers = Mutex<[UUID: Answer]>([:])
    /// Seconds until another node's revocation is seen, at most.
    package static let memory: TimeInterval = 3
    private static let capacity = 4_096

    private struct Answer {
        var isRevoked: Bool
        var asked: Date
    }

    package init(store: any APITokenStore) { self.store = store }

    /// False if there is no such token.
    package func revoke(_ id: UUID, now: Date) async throws -> Bool {
        let isKnown = try await store.revokeToken(id, now: now)
        if isKnown { remember(Answer(isRevoked: true, asked: now), for: id) }
        return isKnown
    }

    func isRevoked(_ id: UUID, now: Date) async throws -> Bool {
        if let answer = answers.withLock({ $0[id] }), answer.isRevoked || isFresh(answer, now) {
            return answer.isRevoked
        }
        let isRevoked = try await store.isRevoked(id)
        remember(Answer(isRevoked: isRevoked, asked: now), for: id)
        return isRevoked
    }

    private func isFresh(_ answer: Answer, _ now: Date) -> Bool {
        (0..<Self.memory).contains(now.timeIntervalSince(answer.asked))
    }

    /// A revocation is final: an answer that was under way does not undo it.
    private func remember(_ answer: Answer, for id: UUID) {
        answers.withLock { answers in
            if answers.count >= Self.capacity { answers.removeAll() }
            if answers[id]?.isRevoked != true { answers[id] = answer }
        }
    }
}
