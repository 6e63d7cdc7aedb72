// Doctor examines a site as guests' devices would meet it. It reports what each kind of device does and how to fix
// problems. It uses the portal's public interface only: it sends devices' requests to the portal's listeners, and calls
// routers and identity providers through the same protocols as the rest of the portal. It must not know pages, SQL or
// router protocols. Input from guests and admins never decides where it connects to, except a site's router settings.
//
// Diagnosis derives the results for devices from the findings.
//
// Reading order: PortalEndpoints, PortalDoctor; then Probes/, Portal/, Router/ and SignIn/, in which a `…Checks` type
// collects the data and each `…Check` turns it into findings.

package import Captive
package import Foundation
package import HTTPClient
package import Storage

/// Examines sites. Thread-safe.
package final class PortalDoctor: SiteExaminer {
    private let store: Store
    private let policy: RouterPolicy
    private let gateways: any GatewayDirectory
    private let signIns: SignInDirectory
    private let endpoints: PortalEndpoints
    private let http: HTTPClient
    private let gardens: WalledGardenPlanner
    private let now: WallClock
    private let concurrency = ConcurrencyLimit()

    /// The time limit of each part. Longer than the timeouts of a part's requests, shorter than the 15 s that an
    /// examination may take.
    private static let limit: Duration = .seconds(13)

    /// `http` should not be shared, so that checks do not wait for other calls.
    package init(
        store: Store, policy: RouterPolicy = RouterPolicy(), gateways: any GatewayDirectory,
        signIns: SignInDirectory, gardens: WalledGardenPlanner,
        endpoints: PortalEndpoints, http: HTTPClient, now: @escaping WallClock = { Date() }
    ) {
        self.store = store
        self.policy = policy
        self.gateways = gateways
        self.signIns = signIns
        self.endpoints = endpoints
        self.http = http
        self.now = now
        self.gardens = gardens
    }

    package func examine(_ siteID: UUID) async throws -> SiteDiagnosis? {
        guard let site = try await store.site(siteID) else { return nil }
        try concurrency.acquire(siteID)
        defer { concurrency.release(siteID) }
        let instances = try await store.instances(at: siteID)
        let integrations = try await integrations(of: instances)
        let networks = SiteNetworks(try await store.claims(), at: site, policy)
        let parts = parts(site, networks, instances, integrations)
        let findings = await withTaskGroup(of: (Int, [Finding]).self) { group in
            for (index, part) in parts.enumerated() {
                group.addTask { (index, await within(Self.limit, late: [Self.late(part.check)], part.run)) }
            }
            return await group.reduce(into: [Int: [Finding]]()) { $0[$1.0] = $1.1 }
        }
        let all = parts.indices.flatMap { findings[$0] ?? [] }
        let failing = parts.indices.filter { findings[$0]?.contains { $0.severity == .problem } == true }
            .compactMap { parts[$0].integration }
        let methods = SignInMethodCheck(instances: instances, siteID: siteID, failing: Set(failing)).finding
        return SiteDiagnosis(
            siteID: siteID, siteName: site.name, examinedAt: now(), findings: all + [methods].compactMap(\.self))
    }

    /// A part of an examination, with the check that is reported if the part times out.
    private struct Part: Sendable {
        let check: Finding.Check
        var integration: AuthIntegration.ID?
        let run: @Sendable () async -> [Finding]
    }

    private func parts(
        _ site: Site, _ networks: SiteNetworks, _ instances: [Instance], _ integrations: [AuthIntegration]
    ) -> [Part] {
        let intercepts = site.router?.driver == .nftables
        let portal = PortalChecks(endpoints: endpoints, http: http, now: now())
        let probes = ProbeChecks(endpoints: endpoints, http: http, portalIntercepts: intercepts)
        let router = RouterChecks(
            site: site, networks: networks, endpoints: endpoints, sites: store, gateways: gateways, gardens: gardens)
        let instanceCheck = InstanceCheck(instances: instances, networks: networks, portalIntercepts: intercepts)
        var parts: [Part] = [
            Part(check: .siteInstances) { [instanceCheck.finding] }, Part(check: .portalProbe) { await probes.run() },
            Part(check: .routerHealth) { await router.run() },
            Part(check: .portalEntry) { await portal.run(site: site.id, claims: networks.claims) },
        ]
        for integration in integrations {
            let signIn = SignInChecks(integration: integration, directory: signIns, portal: portal)
            parts.append(Part(check: .signInProvider, integration: integration.id) { await signIn.run() })
        }
        return parts
    }

    private func integrations(of instances: [Instance]) async throws -> [AuthIntegration] {
        var found: [AuthIntegration] = []
        for id in Set(instances.compactMap(\.integrationID)) {
            found += try await store.integration(id).map { [$0] } ?? []
        }
        return found.sorted { $0.name < $1.name }
    }

    private static func late(_ check: Finding.Check) -> Finding {
        Finding(
            check, .warning, "The check timed out.",
            remedy: "Try again. If it persists, find out which system is slow.")
    }
}
