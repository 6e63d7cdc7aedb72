package import Captive
package import Foundation
internal import Synchronization

/// The gateways of all sites, created on first use and cached while a site's router settings stay the same.
///
/// Settings are read again after `recheck` seconds, so that a change on another node takes effect. `forget` makes a
/// change on this node take effect at once.
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

    /// `recheck`: seconds for which settings are cached.
    package init(
        sites: any SiteStore, factory: GatewayFactory, recheck: TimeInterval = 5, now: @escaping WallClock = { Date() }
    ) {
        self.sites = sites
        self.factory = factory
        self.recheck = recheck
        self.now = now
    }

    /// Throws the store's errors, and `GatewayError.misconfigured` for settings that no driver can use.
    package func gateway(for siteID: UUID) async throws -> (any Gateway)? {
        let time = now()
        if let known = entries.withLock({ $0[siteID] }), abs(time.timeIntervalSince(known.checkedAt)) < recheck {
            return known.gateway
        }
        guard let site = try await sites.site(siteID), let settings = site.router else {
            evict(siteID)
            return nil
        }
        return try entries.withLock { entries throws(GatewayError) in
            if entries[siteID]?.settings == settings {
                entries[siteID]?.checkedAt = time
            } else {
                let gateway = try factory.makeGateway(for: settings, at: siteID, of: site.workspace)
                tearDown(entries[siteID], of: siteID)
                entries[siteID] = Entry(settings: settings, gateway: gateway, checkedAt: time)
            }
            return entries[siteID]?.gateway
        }
    }

    /// Evicts the gateway of a site that was changed or deleted.
    package func evict(_ siteID: UUID) {
        tearDown(entries.withLock { $0.removeValue(forKey: siteID) }, of: siteID)
    }

    /// Tears down a gateway whose driver the site does not use any more.
    private func tearDown(_ entry: Entry?, of siteID: UUID) {
        guard let entry, let gateway = entry.gateway as? any RemovableGateway else { return }
        Task { [sites] in
            do {
                let current = try await sites.site(siteID)?.router?.driver
                if current != entry.settings.driver { await gateway.tearDown() }
            } catch {
                // If the database cannot be read, keep the rules.
            }
        }
    }
}

/// A gateway with state on this machine, which has to be removed when its site uses another driver or none.
protocol RemovableGateway: Gateway {
    /// Removes all of the portal's rules, so that no device is intercepted any more. Idempotent.
    func tearDown() async
}
