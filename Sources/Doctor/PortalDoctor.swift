// Doctor examines a site's portal as guests' devices meet it, and says what each kind of device will do and what to
// mend. It sees the portal from outside only: it plays devices' requests at the portal's own listeners, and asks
// routers and identity providers through the roles that the rest of the portal uses. It must not know pages, SQL or
// router protocols. Nothing that a guest or an admin can write decides where it connects to,
// except a site's router, as everywhere.
//
// The rules by which findings become verdicts are Captive's (Captive/Diagnosis).
//
// Reading order: PortalEndpoints, PortalDoctor; Probes/, Portal/, Router/ and SignIn/, in each of which the examination
// gathers and the judgements judge.

package import Captive
package import Foundation
package import HTTPClient

/// Examines sites. Every function may be called from any task.
package final class PortalDoctor: SiteExaminer {
    /// What the store say of sites.
    package typealias DoctorStore = SiteStore & InstanceStore & AuthIntegrationStore

    private let store: any DoctorStore
    private let policy: RouterPolicy
    private let gateways: any GatewayDirectory
    private let signIns: SignInDirectory
    private let door: PortalEndpoints
    private let http: HTTPClient
    private let gardens: WalledGardenPlanner
    private let now: WallClock
    private let turns = ConcurrencyLimit()

    /// Between the parts' own limits and the 15 s that an examination may take.
    private static let limit: Duration = .seconds(13)

    /// `http` should be its own, so that what it looks at does not wait for other calls.
    package init(
        store: any DoctorStore, policy: RouterPolicy = RouterPolicy(), gateways: any GatewayDirectory,
        signIns: SignInDirectory, gardens: WalledGardenPlanner,
        door: PortalEndpoints, http: HTTPClient, now: @escaping WallClock = { Date() }
    ) {
        self.store = store
        self.policy = policy
        self.gateways = gateways
        self.signIns = signIns
        self.door = door
        self.http = http
        self.now = now
        self.gardens = gardens
    }

    package func examine(_ siteID: UUID) async throws -> SiteDiagnosis? {
        guard let site = try await store.site(siteID) else { return nil }
        try turns.take(siteID)
        defer { turns.give(siteID) }
        let instances = try await store.instances(at: siteID)
        let integrations = try await integrations(of: instances)
        let networks = SiteNetworks(try await store.claims(), at: site, policy)
        let parts = parts(site, networks, instances, integrations)
        let findings = await withTaskGroup(of: (Int, [Finding]).self) { group in
            for (place, part) in parts.enumerated() {
                group.addTask { (place, await within(Self.limit, late: [Self.late(part.check)], part.run)) }
            }
            return await group.reduce(into: [Int: [Finding]]()) { $0[$1.0] = $1.1 }
        }
        let all = parts.indices.flatMap { findings[$0] ?? [] }
        let failing = parts.indices.filter { findings[$0]?.contains { $0.severity == .problem } == true }
            .compactMap { parts[$0].integration }
        let ways = SignInMethodCheck(instances: instances, siteID: siteID, failing: Set(failing)).finding
        return SiteDiagnosis(
            siteID: siteID, siteName: site.name, examinedAt: now(), findings: all + [ways].compactMap(\.self))
    }

    /// What is examined by itself, and the check that is named if it takes too long.
    private struct Part: Sendable {
        let check: Finding.Check
        var integration: AuthIntegration.ID?
        let run: @Sendable () async -> [Finding]
    }

    private func parts(
        _ site: Site, _ networks: SiteNetworks, _ instances: [Instance], _ integrations: [AuthIntegration]
    ) -> [Part] {
        let intercepts = site.router?.driver == .nftables
        let portal = PortalChecks(door: door, http: http, now: now())
        let probes = ProbeChecks(door: door, http: http, portalIntercepts: intercepts)
        let router = RouterChecks(
            site: site, networks: networks, door: door, sites: store, gateways: gateways, gardens: gardens)
        let judgement = InstanceCheck(instances: instances, networks: networks, portalIntercepts: intercepts)
        var parts: [Part] = [
            Part(check: .siteInstances) { [judgement.finding] }, Part(check: .portalProbe) { await probes.run() },
            Part(check: .routerHealth) { await router.run() },
            Part(check: .portalEntry) { await portal.run(site: site.id, claims: networks.claims) },
        ]
        for integration in integrations {
            let examination = SignInChecks(integration: integration, directory: signIns, portal: portal)
            parts.append(Part(check: .signInProvider, integration: integration.id) { await examination.run() })
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
            check, .warning, "Examining this took too long and was given up.",
            remedy: "Try again; if it stays so, see what is slow to answer.")
    }
}
