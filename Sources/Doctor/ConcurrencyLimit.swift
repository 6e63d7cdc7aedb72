internal import Captive
internal import Foundation
internal import Synchronization

/// One examination of a site at a time, and few of all sites: each asks routers and identity providers.
final class ConcurrencyLimit: Sendable {
    private let sites = Mutex<Set<UUID>>([])
    private let most: Int
    /// Seconds after which a refused caller may come again: as long as an examination takes at most.
    static let retryAfter = 15

    init(most: Int = 4) { self.most = most }

    /// Throws `SiteExaminationBusy` if it is not the site's turn.
    func take(_ site: UUID) throws(SiteExaminationBusy) {
        let taken = sites.withLock { sites in sites.count < most && sites.insert(site).inserted }
        if !taken { throw SiteExaminationBusy(retryAfter: Self.retryAfter) }
    }

    func give(_ site: UUID) { sites.withLock { _ = $0.remove(site) } }
}
