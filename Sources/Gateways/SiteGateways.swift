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
        guard let site = try await sites.site(siteID), let settings = site.router else {
            forget(siteID)
            return nil
        }
        return try entries.withLock { entries throws(GatewayError) in
            if entries[siteID]?.settings == settings {
                entries[siteID]?.checkedAt = time
            } else {
                let gateway = try factory.makeGateway(for: settings, at: siteID, of: site.workspace)
                retire(entries[siteID], of: siteID)
                entries[siteID] = Entry(settings: settings, gateway: gateway, checkedAt: time)
            }
            return entries[siteID]?.gateway
        }
    }

    /// The site's settings have changed, or the site is gone.
    package func forget(_ siteID: UUID) {
        retire(entries.withLock { $0.removeValue(forKey: siteID) }, of: siteID)
    }

    /// What a gateway holds on this machine must not outlive the site's wish for it.
    private func retire(_ entry: Entry?, of siteID: UUID) {
        guard let entry, let gateway = entry.gateway as? any RetiringGateway else { return }
        Task { [sites] in
            do {
                let wished = try await sites.site(siteID)?.router?.driver
                if wished != entry.settings.driver { await gateway.retire() }
            } catch {
                // Books that cannot be read say nothing of the site: its guests stay guarded.
            }
        }
    }
}

/// A gateway that has to be taken away when its site has another one, or none.
protocol RetiringGateway: Gateway {
    /// Removes all that is the portal's, so that nobody is captured any more. Harmless if nothing is there.
    func retire() async
}
