package import Captive
package import Foundation
package import Logging
internal import NetworkAddress
internal import Synchronization

/// Compares routers with the database. Reads the health of each router every few seconds, and compares its list after a
/// restart, after an outage, and every few minutes. The reconciler receives the devices that differ: it restores a
/// running session that the router has lost, with the time that is left, and removes entries with the portal's mark
/// that have no session.
package final class RouterWatch: GuestLimits {
    private let sites: any SiteStore
    private let gateways: any GatewayDirectory
    private let sessions: any AccessStore
    private let reconciler: Reconciler
    private let interval: Duration
    private let comparison: TimeInterval
    private let now: WallClock
    private let sleep: Reconciler.Sleep
    private let logger: Logger
    private let onComparison: @Sendable (UUID) -> Void
    private let state = Mutex(State())

    private struct State {
        /// Routers that fail, each with the reason.
        var failing: [Guard: String] = [:]
        var rounds: [Guard: RouterRounds] = [:]
        /// Only guests whose bytes are limited.
        var bytesLeft: [Guard: [GatewayClient: Int]] = [:]
        var routers: [UUID: Guard] = [:]
        var visited: Set<Guard> = []
    }

    /// A router. Sites with an equal value share it and its list of guests. A router that sites reach in different ways
    /// is compared once per configuration, so that an error in one configuration does not affect the others.
    private struct Guard: Hashable {
        var settings: RouterSettings
        /// Set for a driver whose gateway holds the guests of one site only.
        var site: UUID?

        init(_ settings: RouterSettings, of site: UUID) {
            self.settings = settings
            self.site = [.nftables, .opennds].contains(settings.driver) ? site : nil
        }
    }

    /// Limit the routers that are visited at a time. Failing routers have a limit of their own, so that the others do
    /// not wait for them.
    private let (places, failingPlaces) = (AsyncSemaphore(32), AsyncSemaphore(32))

    /// Visits all routers once in `interval`, and compares each at least once in `comparison` seconds. `onComparison`
    /// is called with each site at that time, also after a restart; it must not block. `now` and `sleep` are injected
    /// for tests.
    package init(
        sites: any SiteStore, gateways: any GatewayDirectory, sessions: any AccessStore, reconciler: Reconciler,
        logger: Logger, interval: Duration = .seconds(10), comparison: Double = 300,
        onComparison: @escaping @Sendable (UUID) -> Void = { _ in }, now: @escaping WallClock = { Date() },
        sleep: @escaping Reconciler.Sleep = { try await Task.sleep(for: $0) }
    ) {
        self.onComparison = onComparison
        self.sites = sites
        self.gateways = gateways
        self.sessions = sessions
        self.reconciler = reconciler
        self.interval = interval
        self.comparison = comparison
        self.now = now
        self.sleep = sleep
        self.logger = logger
    }

    /// Runs until the task is cancelled.
    package func run() async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                do { try await visitAll(in: &group) } catch {
                    logger.error("cannot read the database; retrying", metadata: ["error": "\(error)"])
                }
                guard (try? await sleep(interval)) != nil else { return }
            }
        }
    }

    /// Starts a visit to each router whose last visit has ended.
    private func visitAll(in group: inout DiscardingTaskGroup) async throws {
        let routers = try await guarded()
        forgetAll(but: routers)
        for (router, sites) in routers where begin(router) {
            group.addTask { await self.visit(router, sites) }
        }
    }

    package func bytesLeft(of client: GatewayClient, at siteID: UUID) -> Int? {
        state.withLock { state in state.routers[siteID].flatMap { state.bytesLeft[$0]?[client] } }
    }

    /// The sites behind each router.
    private func guarded() async throws -> [Guard: [UUID]] {
        try await sites.sitesWithRouter().reduce(into: [:]) { found, site in
            guard let router = site.router, router.driver != .none else { return }
            found[Guard(router, of: site.id), default: []].append(site.id)
        }
    }

    private func forgetAll(but routers: [Guard: [UUID]]) {
        state.withLock { state in
            state.rounds = state.rounds.filter { routers[$0.key] != nil }
            state.failing = state.failing.filter { routers[$0.key] != nil }
            state.bytesLeft = state.bytesLeft.filter { routers[$0.key] != nil }
            state.routers = routers.reduce(into: [:]) { all, entry in
                for site in entry.value { all[site] = entry.key }
            }
        }
    }

    /// Returns false while the last visit is running.
    private func begin(_ router: Guard) -> Bool { state.withLock { $0.visited.insert(router).inserted } }

    private func visit(_ router: Guard, _ sites: [UUID]) async {
        let isFailing = state.withLock { $0.failing[router] != nil }
        let places = isFailing ? failingPlaces : places
        await places.acquire()
        await look(at: router, sites)
        places.release()
        state.withLock { _ = $0.visited.remove(router) }
    }

    private func look(at router: Guard, _ sites: [UUID]) async {
        do {
            guard let site = sites.first, let gateway = try await gateways.gateway(for: site) else { return }
            let health = await gateway.health()
            if let problem = health.problem { throw problem }
            note(router, site, problem: nil)
            if isDue(router, health.uptime) { try await compare(router, sites, gateway) }
        } catch let error as GatewayError {
            if !Task.isCancelled { note(router, sites[0], problem: error) }
        } catch {
            logger.error("sessions cannot be read, trying again", metadata: ["error": "\(error)"])
        }
    }

    private func isDue(_ router: Guard, _ uptime: Int?) -> Bool {
        let time = now()
        return state.withLock { state in
            let isDue = state.rounds[router, default: RouterRounds(interval: comparison)].isDue(
                uptime: uptime, now: time)
            // The number of bytes left changes continuously.
            return isDue || state.bytesLeft[router] != nil
        }
    }

    private func compare(_ router: Guard, _ sites: [UUID], _ gateway: any Gateway) async throws {
        let asked = now()
        sites.forEach(onComparison)
        let held = try await gateway.list()
        var running: [GuestSession] = []
        for site in sites { running += try await sessions.runningSessions(atSite: site, now: asked) }
        let found = RouterComparison(held: held, sessions: running, asked: asked)
        // Until the next comparison: a device that is away may come back.
        let end = asked.addingTimeInterval(comparison)
        for session in found.missing { reconciler.suspect(session.client, at: session.siteID, until: end) }
        for entry in found.unknownDevices where try await !isElsewhere(entry, asked) {
            // A device is disconnected by its MAC address, whatever its IP address.
            let client = GatewayClient(mac: entry.mac, ip: entry.ip ?? .v4(0))
            reconciler.suspect(client, at: sites[0], until: end)
        }
        state.withLock { state in
            if !found.isEarly { state.rounds[router]?.compared(at: asked, chance: .random(in: 0...1)) }
            state.bytesLeft[router] = Self.bytesLeft(held)
        }
        guard !found.missing.isEmpty || !found.unknownDevices.isEmpty else { return }
        logger.info(
            "router differs from the database",
            metadata: [
                "site": "\(sites[0].text)", "held": "\(held.count)", "missing": "\(found.missing.count)",
                "unknown_devices": "\(found.unknownDevices.count)",
            ])
    }

    /// Two sites may reach one router by different names; guests of one site have sessions there and must not be
    /// removed.
    private func isElsewhere(_ entry: GatewayEntry, _ asked: Date) async throws -> Bool {
        guard let ip = entry.ip else { return false }
        let client = GatewayClient(mac: entry.mac, ip: ip)
        return try await !sessions.runningSessions(of: client, now: asked).isEmpty
    }

    /// Returns nil if no guest's bytes are limited.
    private static func bytesLeft(_ held: [GatewayEntry]) -> [GatewayClient: Int]? {
        let limited = held.compactMap { entry -> (GatewayClient, Int)? in
            guard let ip = entry.ip, let bytes = entry.bytesLeft else { return nil }
            return (GatewayClient(mac: entry.mac, ip: ip), bytes)
        }
        return limited.isEmpty ? nil : Dictionary(limited, uniquingKeysWith: min)
    }

    private func note(_ router: Guard, _ site: UUID, problem: GatewayError?) {
        let before = state.withLock { state in
            if problem != nil { state.rounds[router]?.failed() }
            defer { state.failing[router] = problem?.reason }
            return state.failing[router]
        }
        guard before != problem?.reason else { return }
        let metadata: Logger.Metadata = ["site": "\(site.text)"]
        guard let problem else { return logger.info("router works again", metadata: metadata) }
        logger.warning("router failing", metadata: metadata.merging(["reason": "\(problem.explanation)"]) { $1 })
    }
}
