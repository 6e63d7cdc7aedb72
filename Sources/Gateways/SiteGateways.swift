package import Captive
package import Foundation
internal import Synchronization

/// The gateways of all sites, made when first asked for and kept while a site's router settings stay the same.
///
/// Settings are read again when they are older than `recheck` seconds, so that a change made on another node is seen;
/// `forget` makes a change on this one take effect at once.
package final class SiteGateways: GatewayDirectory {
    private struct Entry {
        var settings: RouterSettings
        var gateway: any Gateway
        var checkedAt: Date
    }

    private let sites: any SiteStore
    private let factory: GatewayFactory
    private let recheck: TimeInterval
    private let now: WallClock
    private let entries = Mutex<[UUID: Entry]>([:])

    /// `recheck`: seconds for which settings once read are believed.
    package init(
        sites: any SiteStore, factory: GatewayFactory, recheck: TimeInterval = 5, now: @escaping WallClock = { Date() }
    ) {
        self.sites = sites
        self.factory = factory
        self.recheck = recheck
        self.now = now
    }

    /// Throws what the store throws, and `GatewayError.misconfigured` for settings that no driver can use.
    package func gateway(for siteID: UUID) async throws -> (any Gateway)? {
        let time = now()
        if let known = entries.withLock({ $0[siteID] }), abs(time.timeIntervalSince(known.checkedAt)) < recheck {
            return known.gateway
        }
        guard let settings = try await sites.site(siteID)?.router else {
            forget(siteID)
            return nil
        }
        return try entries.withLock { entries throws(GatewayError) in
            if entries[siteID]?.settings == settings {
                entries[siteID]?.checkedAt = time
            } else {
                let gateway = try factory.makeGateway(for: settings, at: siteID)
                entries[siteID] = Entry(settings: settings, gateway: gateway, checkedAt: time)
            }
            return entries[siteID]?.gateway
        }
    }

    /// The site's settings have changed, or the site is gone.
    package func forget(_ siteID: UUID) { _ = entries.withLock { $0.removeValue(forKey: siteID) } }
}
