package import Captive
package import Foundation
package import Logging
internal import Synchronization

/// Reconciles the walled gardens of all routers with the database: at the start, after a change, when a router is
/// reachable again, and at an interval, in case a router was changed by hand.
package final class WalledGardenWatch: WalledGardenReconciler {
    private struct State {
        var queue: WalledGardenQueue
        var statuses: [UUID: WalledGardenStatus] = [:]
        /// For each site whose router serves several sites, all sites of that router.
        var sitesOfRouter: [UUID: [UUID]] = [:]
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

    /// Reconciles each walled garden at least once in `interval` seconds. `now` and `sleep` are injected for tests.
    /// Does nothing until `run` is called.
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
        state = Mutex(State(queue: WalledGardenQueue(interval: interval)))
    }

    /// Schedules a site whose desired walled garden has changed, or whose router may have lost it. Returns at once.
    /// Callable from any thread.
    package func enqueue(_ siteID: UUID) {
        let time = now()
        state.withLock { state in
            for site in state.sitesOfRouter[siteID] ?? [siteID] { state.queue.enqueue(site, at: time) }
        }
    }

    /// As `enqueue`, for a site whose router settings have changed.
    package func enqueueNewRouter(of siteID: UUID) {
        enqueue(siteID)
        state.withLock { $0.sitesReadAt = .distantPast }
    }

    package func garden(of siteID: UUID) async throws -> WalledGarden {
        try await planner.garden(of: state.withLock { $0.sitesOfRouter[siteID] } ?? [siteID])
    }

    package func status(of siteID: UUID) -> WalledGardenStatus {
        state.withLock { $0.statuses[siteID] ?? WalledGardenStatus() }
    }

    /// Whether any reconciliation is running.
    var isBusy: Bool { state.withLock { $0.queue.isBusy } }

    /// Runs until the task is cancelled. Must be called only once.
    package func run() async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                await readSites()
                let time = now()
                for site in state.withLock({ $0.queue.start(at: time) }) {
                    group.addTask { await self.reconcile(site) }
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
            let routed = try await sites.sitesWithRouter().filter { $0.router?.driver != RouterSettings.Driver.none }
            state.withLock {
                $0.queue.setSites(Set(routed.map(\.id)), at: time)
                $0.sitesOfRouter = Self.sitesOfRouter(routed)
            }
        } catch {
            logger.error("cannot read sites; retrying", metadata: ["error": "\(error)"])
            state.withLock { $0.sitesReadAt = .distantPast }
        }
    }

    /// Sites that share a router share its walled garden, so that one does not remove the rules of another.
    private static func sitesOfRouter(_ sites: [Site]) -> [UUID: [UUID]] {
        let groups = Dictionary(grouping: sites.filter { $0.router?.sharedRouter != nil }) { $0.router?.sharedRouter }
        return groups.values.filter { $0.count > 1 }.reduce(into: [:]) { result, group in
            for site in group { result[site.id] = group.map(\.id) }
        }
    }

    private func reconcile(_ site: UUID) async {
        do {
            guard let gateway = try await gateways.gateway(for: site) else { return remove(site) }
            try await gateway.apply(garden(of: site).rules)
            finish(site, problem: nil)
        } catch let error as GatewayError {
            // The error of a cancelled call says nothing about the router.
            if !Task.isCancelled { finish(site, problem: error) }
        } catch {
            logger.error("cannot read a site's walled garden; retrying", metadata: ["error": "\(error)"])
            reschedule(site, failed: true)
        }
    }

    private func finish(_ site: UUID, problem: GatewayError?) {
        let time = now()
        let before = state.withLock { state in
            let before = state.statuses[site] ?? WalledGardenStatus()
            state.statuses[site] = WalledGardenStatus(
                appliedAt: problem == nil ? time : before.appliedAt, problem: problem)
            return before
        }
        reschedule(site, failed: problem != nil)
        let hasChanged =
            problem.map { $0.reason != before.problem?.reason } ?? (before.problem != nil || before.appliedAt == nil)
        if hasChanged { report(site, problem) }
    }

    private func report(_ site: UUID, _ problem: GatewayError?) {
        let metadata: Logger.Metadata = ["site": "\(site.text)"]
        guard let problem else { return logger.info("walled garden synced", metadata: metadata) }
        logger.warning(
            "walled garden out of sync", metadata: metadata.merging(["reason": "\(problem.explanation)"]) { $1 })
    }

    private func reschedule(_ site: UUID, failed: Bool) {
        let time = now()
        state.withLock { $0.queue.finish(site, failed: failed, at: time, chance: .random(in: 0...1)) }
    }

    private func remove(_ site: UUID) {
        let time = now()
        state.withLock { state in
            state.queue.remove(site, at: time)
            state.statuses[site] = nil
        }
    }
}
