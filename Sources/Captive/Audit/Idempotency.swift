package import Foundation

/// An `Idempotency-Key` and the fingerprint of the request it was sent with.
package struct IdempotencyKey: Sendable, Equatable {
    package let workspace: Workspace
    /// SHA-256 of the client's key.
    package let key: [UInt8]
    /// SHA-256 of method, target and body.
    package let request: [UInt8]
    package let now: Date
    /// Seconds for which a response is repeated: a day.
    package static let lifetime: TimeInterval = 86_400

    package init(workspace: Workspace, key: [UInt8], request: [UInt8], now: Date) {
        (self.workspace, self.key, self.request, self.now) = (workspace, key, request, now)
    }
}

/// An earlier request with the same key.
package enum EarlierRequest: Sendable, Equatable {
    /// The same request; its stored response.
    case answered([UInt8])
    /// The same request, which took effect at this time. Its response is not stored.
    case unanswered(since: Date)
    /// A different request.
    case different
}

/// Thrown if another request with the same key was executed at the same time. This request has changed nothing.
package struct IdempotencyConflict: Error, Equatable {
    package init() {}
}
