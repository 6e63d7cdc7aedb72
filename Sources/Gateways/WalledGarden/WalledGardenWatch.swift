package import Captive
package import Foundation
package import Logging
internal import Synchronization

/// Keeps the walled gardens of all routers as the books say they should be: after a change, when a router is back, at
/// the start, and now and then, in case somebody has changed a router by hand.
package final class WalledGardenWatch: WalledGardenKeeper {
    private struct State {
        var agenda: GardenAgenda
        var records: [UUID: WalledGardenRecord] = [:]
        /// The sites behind each site's router, itself included, if they are more than one.
        var companions: [UUID: [UUID]] = [:]
        var sitesReadAt = Date.distantPast
    }

    private let planner: WalledGardenPlanner
    private let sites: any SiteStore
    private let gateways: any GatewayDirectory
    private let interval: TimeInterval
    private let now: WallClock
    private let sleep: Reconciler.Sleep
    private let logger: Logger
    private let state: Mutex<State>

    /// Looks at each garden at least once in `interval` seconds. `now` and `sleep` are for tests to decide. Nothing is
    /// done before `run` is called.
    package init(
        planner: WalledGardenPlanner, sites: any SiteStore, gateways: any GatewayDirectory, logger: Logger,
        interval: TimeInterval = 300, now: @escaping WallClock = { Date() },
        sleep: @escaping Reconciler.Sleep = { try await Task.sleep(for: $0) }
    ) {
        self.planner = planner
        self.sites = sites
        self.gateways = gateways
        self.interval = interval
        self.now = now
        self.sleep = sleep
        self.logger = logger
        state = Mutex(State(agenda: GardenAgenda(interval: interval)))
    }

    /// The site's garden may have to be another one, or its router may have lost it. Returns at once; callable from any
    /// thread.
    package func attend(_ siteID: UUID) {
        let time = now()
        state.withLock { state in
            for site in state.companions[siteID] ?? [siteID] { state.agenda.attend(site, at: time) }
        }
    }

    /// As `attend`, where the site may have got another router, or lost it.
    package func attendRouter(of siteID: UUID) {
        attend(siteID)
        state.withLock { $0.sitesReadAt = .distantPast }
    }

    package func garden(of siteID: UUID) async throws -> WalledGarden {
        try await planner.garden(of: state.withLock { $0.companions[siteID] } ?? [siteID])
    }

    package func record(of siteID: UUID) -> WalledGardenRecord {
        state.withLock { $0.records[siteID] ?? WalledGardenRecord() }
    }

    /// Whether any garden is being seen to.
    var isBusy: Bool { state.withLock { $0.agenda.isBusy } }

    /// Watches until the task is cancelled; to be called once.
    package func run() async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                await readSites()
                let time = now()
                for site in state.withLock({ $0.agenda.start(at: time) }) {
                    group.addTask { await self.see(to: site) }
                }
                guard (try? await sleep(.seconds(1))) != nil else { break }
            }
            group.cancelAll()
        }
    }

    private func readSites() async {
        let time = now()
        let isDue = state.withLock { state in
            defer { if time.timeIntervalSince(state.sitesReadAt) >= interval { state.sitesReadAt = time } }
            return time.timeIntervalSince(state.sitesReadAt) >= interval
        }
        guard isDue else { return }
        do {
            let guarded = try await sites.sitesWithRouter().filter { $0.router?.driver != RouterSettings.Driver.none }
            state.withLock {
                $0.agenda.know(Set(guarded.map(\.id)), at: time)
                $0.companions = Self.companions(guarded)
            }
        } catch {
            logger.error("sites cannot be read, trying again", metadata: ["error": "\(error)"])
            state.withLock { $0.sitesReadAt = .distantPast }
        }
    }

    /// Sites that share a router share its garden: none may take away what is another's.
    private static func companions(_ sites: [Site]) -> [UUID: [UUID]] {
        let groups = Dictionary(grouping: sites.filter { $0.router?.sharedRouter != nil }) { $0.router?.sharedRouter }
        return groups.values.filter { $0.count > 1 }.reduce(into: [:]) { companions, group in
            for site in group { companions[site.id] = group.map(\.id) }
        }
    }

    private func see(to site: UUID) async {
        do {
            guard let gateway = try await gateways.gateway(for: site) else { return forget(site) }
            try await gateway.apply(garden(of: site).rules)
            finish(site, problem: nil)
        } catch let error as GatewayError {
            // A cancelled call fails without telling anything of the router.
            if !Task.isCancelled { finish(site, problem: error) }
        } catch {
            logger.error("a walled garden cannot be read, trying again", metadata: ["error": "\(error)"])
            reschedule(site, failed: true)
        }
    }

    private func finish(_ site: UUID, problem: GatewayError?) {
        let time = now()
        let before = state.withLock { state in
            let before = state.records[site] ?? WalledGardenRecord()
            state.records[site] = WalledGardenRecord(
                appliedAt: problem == nil ? time : before.appliedAt, problem: problem)
            return before
        }
        reschedule(site, failed: problem != nil)
        let isNews =
            problem.map { $0.reason != before.problem?.reason } ?? (before.problem != nil || before.appliedAt == nil)
        if isNews { report(site, problem) }
    }

    private func report(_ site: UUID, _ problem: GatewayError?) {
        let metadata: Logger.Metadata = ["site": "\(site.text)"]
        guard let problem else { return logger.info("walled garden in place", metadata: metadata) }
        logger.warning(
            "walled garden not in place", metadata: metadata.merging(["reason": "\(problem.explanation)"]) { $1 })
    }

    private func reschedule(_ site: UUID, failed: Bool) {
        let time = now()
        state.withLock { $0.agenda.finish(site, failed: failed, at: time, chance: .random(in: 0...1)) }
    }

    private func forget(_ site: UUID) {
        let time = now()
        state.withLock { state in
            state.agenda.forget(site, at: time)
            state.records[site] = nil
        }
    }
}
