import Captive
package import Foundation
package import Storage
import Synchronization

/// Tells whether one of the portal's own tokens is on record and not revoked. Results are cached for a few seconds, so
/// that most requests need no database read. A revocation through this object takes effect immediately. Thread-safe.
package final class TokenRevocations: Sendable {
    private let store: Store
    private let cache = Mutex<[UUID: CachedStatus]>([:])
    /// Seconds for which results are cached: the maximum delay until a revocation by another process takes effect.
    package static let cacheTTL: TimeInterval = 3
    private static let capacity = 4_096

    private struct CachedStatus {
        var isGood: Bool
        /// Set for a revocation through this object, which a read in progress must not overwrite.
        var isFinal = false
        var readAt: Date
    }

    package init(store: Store) { self.store = store }

    /// Returns false if there is no such token.
    package func revoke(_ id: UUID, now: Date) async throws -> Bool {
        let isKnown = try await store.revokeToken(id, now: now)
        if isKnown { cacheStatus(CachedStatus(isGood: false, isFinal: true, readAt: now), for: id) }
        return isKnown
    }

    /// Returns false for a revoked token, and for one that is not on record: it was issued for another database.
    func isGood(_ id: UUID, now: Date) async throws -> Bool {
        if let status = cache.withLock({ $0[id] }), status.isFinal || isFresh(status, now) { return status.isGood }
        let isGood = try await store.isGoodToken(id)
        cacheStatus(CachedStatus(isGood: isGood, readAt: now), for: id)
        return isGood
    }

    private func isFresh(_ status: CachedStatus, _ now: Date) -> Bool {
        (0..<Self.cacheTTL).contains(now.timeIntervalSince(status.readAt))
    }

    private func cacheStatus(_ status: CachedStatus, for id: UUID) {
        cache.withLock { cache in
            if cache.count >= Self.capacity { cache.removeAll() }
            if cache[id]?.isFinal != true { cache[id] = status }
        }
    }
}
