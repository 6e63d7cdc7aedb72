package import Captive
internal import Foundation
package import Logging
internal import NetworkAddress
internal import Synchronization

/// Brings the routers to their desired state, device by device, until the database has no pending device. A device is
/// pending from the transaction that changes its desired state to the one that records the router's response, so
/// nothing is lost when the program ends: the next `run` continues.
package final class Reconciler: AccessReconciler {
    /// Waits; throws when its task is cancelled. Injected for tests.
    package typealias Sleep = @Sendable (Duration) async throws -> Void

    struct State {
        var queues: [UUID: DeviceQueue] = [:]
        /// Workers at each site, including those that are about to start.
        var workers: [UUID: Int] = [:]
        /// When each site has to be checked again.
        var alarms: [UUID: Date] = [:]
        var lastClaim = Date.distantPast
    }

    private enum Event: Sendable {
        case work(UUID)
        case alarm(UUID, Date)
    }

    private let gateways: any GatewayDirectory
    private let store: any AccessStore
    private let policy = RetryPolicy()
    private let now: WallClock
    private let sleep: Sleep
    private let logger: Logger
    private let waiters: Waiters<SiteDevice>
    private let state = Mutex(State())
    private let events: AsyncStream<Event>
    private let send: AsyncStream<Event>.Continuation
    /// More than a router has connections: while some devices wait for its response, others wait for the disk, and
    /// devices that wait together share reads and commits.
    private static let workersPerSite = 64
    /// Maximum sessions that expire in one transaction.
    private static let batch = 500
    /// Seconds for which this node holds claimed devices, and seconds between two claims.
    private static let (lease, claimInterval): (TimeInterval, TimeInterval) = (60, 20)
    private static let claimLimit = 100_000

    /// `now` and `sleep` are injected for tests. Calls no router until `run` is called.
    package init(
        gateways: any GatewayDirectory, store: any AccessStore, logger: Logger,
        now: @escaping WallClock = { Date() }, sleep: @escaping Sleep = { try await Task.sleep(for: $0) }
    ) {
        self.gateways = gateways
        self.store = store
        waiters = Waiters(sleep: sleep)
        self.now = now
        self.sleep = sleep
        self.logger = logger
        (events, send) = AsyncStream.makeStream(of: Event.self)
    }

    /// Reconciles until the task is cancelled. Must be called only once. Starts with the pending devices of the
    /// database.
    package func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.load() }
            for await event in events {
                switch event {
                case .work(let site): group.addTask { await self.work(at: site) }
                case .alarm(let site, let moment): group.addTask { await self.wake(site, at: moment) }
                }
            }
            group.cancelAll()
        }
    }

    /// Adds marked devices. Returns at once.
    package func enqueue(_ devices: [SiteDevice]) {
        for device in devices { change(device.siteID) { $0.mark(device.mac) } }
    }

    /// Adds a device for which a comparison has found that the router differs. Returns at once.
    func suspect(_ client: GatewayClient, at siteID: UUID, until: Date) {
        change(siteID) { $0.suspect(client, until: until) }
    }

    /// Expires the sessions whose time is over, and at intervals claims devices that were marked but never enqueued,
    /// because the node that marked them has stopped. Has to be called every few seconds.
    package func sweep() async throws {
        while !Task.isCancelled, try await store.expireSessions(now: now(), limit: Self.batch) == Self.batch {}
        let time = now()
        let isDue = state.withLock { abs(time.timeIntervalSince($0.lastClaim)) >= Self.claimInterval }
        if isDue { try await claim() }
    }

    package func wait(for device: SiteDevice, atMost limit: Duration) async -> Bool {
        await waiters.wait(for: device, atMost: limit) { self.contains(device) }
    }

    /// Whether no device is pending.
    var isEmpty: Bool { state.withLock { $0.queues.values.allSatisfy(\.isEmpty) } }

    /// Whether no device is worked on at any router and none is ready.
    var isIdle: Bool {
        let time = now()
        return state.withLock { $0.queues.values.allSatisfy { $0.isIdle(at: time) } }
    }

    private func contains(_ device: SiteDevice) -> Bool {
        state.withLock { $0.queues[device.siteID]?.contains(device.mac) ?? false }
    }

    // MARK: Workers

    private func load() async {
        while !Task.isCancelled {
            do { return try await claim() } catch {
                logger.error("cannot read the pending devices; retrying in 1 s", metadata: ["error": "\(error)"])
                try? await sleep(.seconds(1))
            }
        }
    }

    private func claim() async throws {
        let time = now()
        for device in try await store.claimPending(lease: Self.lease, limit: Self.claimLimit, now: time) {
            change(device.siteID) { $0.mark(device.mac, isOld: true) }
        }
        state.withLock { $0.lastClaim = time }
    }

    private func change(_ site: UUID, _ body: (inout DeviceQueue) -> Void) {
        let needsWorker = state.withLock { state in
            body(&state.queues[site, default: DeviceQueue(limit: Self.workersPerSite)])
            return state.startWorker(at: site, most: Self.workersPerSite)
        }
        if needsWorker { send.yield(.work(site)) }
    }

    private func work(at site: UUID) async {
        while !Task.isCancelled, let (mac, entry) = nextDevice(at: site) {
            await reconcile(SiteDevice(siteID: site, mac: mac), entry)
        }
    }

    /// Returns nil if there is nothing to do now. The worker then ends, and an alarm is set if there will be work
    /// later.
    private func nextDevice(at site: UUID) -> (MACAddress, DeviceEntry)? {
        let time = now()
        let (next, event): ((MACAddress, DeviceEntry)?, Event?) = state.withLock { state in
            if let next = state.queues[site]?.next(at: time) {
                let needsMore = state.queues[site]?.hasMore(at: time) == true
                let starts = needsMore && state.startWorker(at: site, most: Self.workersPerSite)
                return (next, starts ? .work(site) : nil)
            }
            return (nil, state.endWorker(at: site, now: time).map { .alarm(site, $0) })
        }
        if let event { send.yield(event) }
        return next
    }

    private func wake(_ site: UUID, at moment: Date) async {
        let seconds = moment.timeIntervalSince(now())
        try? await sleep(.seconds(seconds > DeviceQueue.longestWait ? 0 : max(0, seconds)))
        let needsWorker = state.withLock { state in
            if state.alarms[site] == moment { state.alarms[site] = nil }
            return state.startWorker(at: site, most: Self.workersPerSite)
        }
        if needsWorker { await work(at: site) }
    }

    // MARK: One device

    private enum Progress {
        case again
        case settled
        case wait(until: Date)
        case pauseRouter(for: TimeInterval, GatewayError)
    }

    private func reconcile(_ device: SiteDevice, _ entry: DeviceEntry) async {
        var entry = entry
        while !Task.isCancelled {
            do {
                switch try await step(device, &entry) {
                case .again: continue
                case .settled: settle(device)
                case .wait(let due): delay(device, entry, until: due)
                case .pauseRouter(let seconds, let error): pause(device, entry, for: seconds, error)
                }
            } catch {
                logger.error(
                    "cannot record the state of a device; retrying in 1 s",
                    metadata: Self.metadata(device, ["error": "\(error)"]))
                delay(device, entry, until: now().addingTimeInterval(1))
            }
            return
        }
    }

    /// Performs the next step for the device.
    private func step(_ device: SiteDevice, _ entry: inout DeviceEntry) async throws -> Progress {
        var access = try await store.state(of: device)
        let (time, isPending, isSuspect) = (now(), access.pending != nil, entry.isSuspect(at: now()))
        if !isPending, isSuspect, let client = entry.suspect {
            access.pending = PendingDevice(device: device, ip: client.ip, since: time)
        }
        entry.forgetEarlierAddresses(of: access)
        switch access.next(at: time, isSuspect: isSuspect, notBefore: entry.notBefore) {
        case .settled:
            let isSettled = isPending ? try await store.settle(device, now: time) : true
            return isSettled ? .settled : .again
        case .wait(let due): return .wait(until: due)
        case .refuse(let grant):
            return try await refuse(grant, reason: GuestSession.EndReason.occupied.rawValue, &entry)
        case .authorize(let grant):
            let isRecorded = isPending || grant.purpose != .restore || grant.session.awaitingSince != nil
            return try await authorize(grant, isRecorded: isRecorded, &entry)
        case .deauthorize(let client): return try await deauthorize(client, device, isRecorded: isPending, &entry)
        }
    }

    /// - Parameter isRecorded: whether the database waits for the router's response.
    private func authorize(
        _ grant: AccessGrant, isRecorded: Bool, _ entry: inout DeviceEntry
    ) async throws -> Progress {
        let start = now()
        do {
            try await gateway(of: grant.device).authorize(grant.client, for: grant.seconds)
        } catch let error as GatewayError {
            return try await fail(grant.device, grant, error, &entry)
        }
        var isSettled = false
        if !isRecorded {
            isSettled = try await store.state(of: grant.device).dueGrant(like: grant, at: now()) != nil
        }
        if !isSettled { isSettled = try await store.confirm(grant, now: now()) }
        entry.succeed()
        note("device authorized", grant, ["ms": "\(Int(saturating: now().timeIntervalSince(start) * 1_000))"])
        report(grant.device)
        return isSettled ? .settled : .again
    }

    private func deauthorize(
        _ client: GatewayClient, _ device: SiteDevice, isRecorded: Bool, _ entry: inout DeviceEntry
    ) async throws -> Progress {
        do {
            try await gateway(of: device).revoke(client)
        } catch let error as GatewayError {
            return try await fail(device, nil, error, &entry)
        }
        let isSettled = isRecorded ? try await store.confirmRevocation(of: device, now: now()) : true
        entry.succeed()
        logger.info("device deauthorized", metadata: Self.metadata(device, [:]))
        report(device)
        return isSettled ? .settled : .again
    }

    /// `grant` is nil for a revocation.
    private func fail(
        _ device: SiteDevice, _ grant: AccessGrant?, _ error: GatewayError, _ entry: inout DeviceEntry
    ) async throws -> Progress {
        // A call that was cancelled says nothing about the router.
        if Task.isCancelled { return .again }
        let (time, id) = (now(), grant?.session.id)
        let attempt = entry.fail(id, error, client: grant?.client, at: time)
        let failures = state.withLock { $0.queues[device.siteID]?.routerFailures ?? 0 }
        let decision = policy.decision(
            on: error, at: Self.subject(grant, entry), attempt, routerFailures: failures + 1, now: time,
            chance: .random(in: 0...1))
        switch decision {
        case .pauseRouter(let seconds): return .pauseRouter(for: seconds, error)
        case .refuse(let reason):
            recover(device.siteID)
            guard let grant else { return .again }
            return try await refuse(grant, reason: reason, &entry)
        case .retry(let seconds, let isStalled):
            recover(device.siteID)
            if isStalled, !attempt.isStalled {
                logger.info(
                    "the router refuses a device; retrying",
                    metadata: Self.metadata(device, ["reason": "\(error.reason)"]))
            }
            entry.delay(id, until: time.addingTimeInterval(seconds), isStalled: isStalled)
            return .again
        }
    }

    private static func subject(_ grant: AccessGrant?, _ entry: DeviceEntry) -> RetryPolicy.Subject {
        if entry.suspect != nil { return .suspect }
        guard let grant else { return .revocation }
        return grant.purpose == .restore ? .activeSession : .request
    }

    private func refuse(_ grant: AccessGrant, reason: String, _ entry: inout DeviceEntry) async throws -> Progress {
        let isSettled = try await store.refuse(grant, reason: reason, mayHaveBegun: entry.mayHaveBegun, now: now())
        entry.forget(grant.session.id)
        note("session refused", grant, ["reason": "\(reason)"])
        waiters.release(grant.device)
        return isSettled ? .settled : .again
    }

    private func gateway(of device: SiteDevice) async throws -> any Gateway {
        guard let gateway = try await gateways.gateway(for: device.siteID) else {
            throw GatewayError.misconfigured("the site has no router settings")
        }
        return gateway
    }

    // MARK: Results

    private func settle(_ device: SiteDevice) {
        state.withLock { $0.queues[device.siteID]?.settled(device.mac) }
        waiters.release(device)
    }

    private func delay(_ device: SiteDevice, _ entry: DeviceEntry, until due: Date) {
        state.withLock { $0.queues[device.siteID]?.delay(device.mac, entry, until: due) }
    }

    private func pause(_ device: SiteDevice, _ entry: DeviceEntry, for seconds: TimeInterval, _ error: GatewayError) {
        let time = now()
        let isFirst = state.withLock {
            $0.queues[device.siteID]?.pause(device.mac, entry, for: seconds, at: time) ?? false
        }
        guard isFirst else { return }
        logger.warning(
            "router failing", metadata: ["site": "\(device.siteID.text)", "reason": "\(error.explanation)"])
    }

    /// The router has carried out what was requested for the device.
    private func report(_ device: SiteDevice) {
        recover(device.siteID)
        waiters.release(device)
    }

    private func recover(_ site: UUID) {
        guard state.withLock({ $0.queues[site]?.recover() ?? false }) else { return }
        logger.info("router works again", metadata: ["site": "\(site.text)"])
    }

    private func note(_ message: Logger.Message, _ grant: AccessGrant, _ more: Logger.Metadata) {
        let own: Logger.Metadata = [
            "session": "\(grant.session.id.text)", "purpose": "\(grant.purpose.rawValue)", "ip": "\(grant.client.ip)",
        ]
        logger.info(message, metadata: Self.metadata(grant.device, own.merging(more) { $1 }))
    }

    private static func metadata(_ device: SiteDevice, _ more: Logger.Metadata) -> Logger.Metadata {
        ["site": "\(device.siteID.text)", "mac": "\(device.mac)"].merging(more) { $1 }
    }
}

extension Reconciler.State {
    /// Returns true if a worker has to be started at the site.
    fileprivate mutating func startWorker(at site: UUID, most limit: Int) -> Bool {
        guard workers[site, default: 0] < limit else { return false }
        workers[site, default: 0] += 1
        return true
    }

    /// Returns the time of an alarm that has to be set; nil if none has to be.
    fileprivate mutating func endWorker(at site: UUID, now: Date) -> Date? {
        workers[site, default: 1] -= 1
        if workers[site] == 0 { workers[site] = nil }
        if queues[site]?.isEmpty == true { queues[site] = nil }
        guard let moment = queues[site]?.nextMoment(at: now) else { return nil }
        guard alarms[site].map({ moment < $0 }) ?? true else { return nil }
        alarms[site] = moment
        return moment
    }
}
