internal import Captive
internal import Foundation
internal import Synchronization

/// Limits concurrent examinations: one per site and `limit` in total, because each calls routers and identity
/// providers.
final class ConcurrencyLimit: Sendable {
    private let sites = Mutex<Set<UUID>>([])
    private let limit: Int
    /// Seconds after which a refused caller may try again: the longest time that an examination takes.
    static let retryAfter = 15

    init(limit: Int = 4) { self.limit = limit }

    /// Throws `SiteExaminationBusy` if the site is being examined or the limit is reached.
    func acquire(_ site: UUID) throws(SiteExaminationBusy) {
        let isAcquired = sites.withLock { sites in sites.count < limit && sites.insert(site).inserted }
        if !isAcquired { throw SiteExaminationBusy(retryAfter: Self.retryAfter) }
    }

    func release(_ site: UUID) { sites.withLock { _ = $0.remove(site) } }
}
