package import Foundation

/// The wish that a request be carried out once, however often it is sent.
package struct IdempotencyClaim: Sendable, Equatable {
    package let workspace: Workspace
    /// SHA-256 of the key that the client chose.
    package let key: [UInt8]
    /// SHA-256 of what makes the request: method, target, body.
    package let request: [UInt8]
    package let now: Date
    /// Seconds for which an answer is repeated: a day.
    package static let lifetime: TimeInterval = 86_400

    package init(workspace: Workspace, key: [UInt8], request: [UInt8], now: Date) {
        (self.workspace, self.key, self.request, self.now) = (workspace, key, request, now)
    }
}

/// What is known of an earlier request with the same key.
package enum EarlierRequest: Sendable, Equatable {
    /// Its answer, to be repeated.
    case answered([UInt8])
    /// It took effect at this time, and its answer is not there (yet).
    case unanswered(since: Date)
    /// It was another request.
    case different
}

/// Two requests with one key were carried out at the same time; this one has changed nothing.
package struct RepeatedRequest: Error, Equatable {
    package init() {}
}

/// Keeps answers, sealed, for repetition.
package protocol IdempotencyStore: Sendable {
    /// Nil if no request with the claim's key has taken effect within a day.
    func earlierRequest(_ claim: IdempotencyClaim) async throws -> EarlierRequest?
    /// Keeps the answer to the claim's request. An answer that is there stays.
    func keep(_ answer: [UInt8], for claim: IdempotencyClaim) async throws
    /// Deletes at most `limit` answers that are older than `end`; how many.
    func forgetAnswers(before end: Date, limit: Int) async throws -> Int
}
