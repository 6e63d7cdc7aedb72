package import Captive
package import Foundation
import Synchronization

/// Tells whether one of the portal's own tokens is on record and not revoked. Results are cached for a few seconds, so
/// that most requests need no database read. A revocation through this object takes effect immediately. Thread-safe.
package final class TokenRevocations: Sendable {
    private let store: any APITokenStore
    private let answers = Mutex<[UUID: Answer]>([:])
    /// Seconds for which results are cached: the maximum delay until a revocation by another process takes effect.
    package static let memory: TimeInterval = 3
    private static let capacity = 4_096

    private struct Answer {
        var isGood: Bool
        /// Set for a revocation through this object, which a read in progress must not overwrite.
        var isFinal = false
        var asked: Date
    }

    package init(store: any APITokenStore) { self.store = store }

    /// Returns false if there is no such token.
    package func revoke(_ id: UUID, now: Date) async throws -> Bool {
        let isKnown = try await store.revokeToken(id, now: now)
        if isKnown { remember(Answer(isGood: false, isFinal: true, asked: now), for: id) }
        return isKnown
    }

    /// Returns false for a revoked token, and for one that is not on record: it was issued for another database.
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
