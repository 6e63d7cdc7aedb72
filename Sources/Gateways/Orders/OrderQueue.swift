package import Captive
package import Foundation
package import Logging
internal import NetworkAddress
internal import Synchronization

/// Delivers the orders in the books to the routers, one line for each site, until each is confirmed or pointless.
/// Orders survive in the store: what a portal left undone, the next `run` takes up.
package final class OrderQueue: OrderDelivery {
    /// Waits; injected, so that tests need no time. Throws when the task is cancelled.
    package typealias Sleep = @Sendable (Duration) async throws -> Void

    struct State {
        var lines: [UUID: DeliveryLine] = [:]
        /// Orders that are not done.
        var open: Set<UUID> = []
        /// Workers at each site's line, those about to start included.
        var workers: [UUID: Int] = [:]
        /// When each site's line is to be looked at again.
        var alarms: [UUID: Date] = [:]
    }

    private enum Event: Sendable {
        case work(UUID)
        case alarm(UUID, Date)
    }

    private let courier: OrderCourier
    private let orders: any OrderStore
    private let pace = DeliveryPace()
    private let now: WallClock
    private let sleep: Sleep
    private let logger: Logger
    private let waiters: Waiters<UUID>
    private let state = Mutex(State())
    private let events: AsyncStream<Event>
    private let send: AsyncStream<Event>.Continuation
    /// More than a router has connections: while some orders wait for its answer, others wait for the disk, and those
    /// that wait together share reads and commits.
    private static let workersPerSite = 64
    /// Seconds after which an order that is on disk and in no line was lost on its way.
    private static let bringingTime: TimeInterval = 30

    /// `now` and `sleep` are for tests to decide. Nothing is delivered before `run` is called.
    package init(
        gateways: any GatewayDirectory, sessions: any SessionStore, orders: any OrderStore, logger: Logger,
        now: @escaping WallClock = { Date() }, sleep: @escaping Sleep = { try await Task.sleep(for: $0) }
    ) {
        courier = OrderCourier(gateways: gateways, sessions: sessions, orders: orders, now: now)
        waiters = Waiters(sleep: sleep)
        self.orders = orders
        self.now = now
        self.sleep = sleep
        self.logger = logger
        (events, send) = AsyncStream.makeStream(of: Event.self)
    }

    /// Delivers until the task is cancelled; to be called once. What is under way then is delivered again by the next.
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

    package func submit(_ order: GatewayOrder) { take(order, .fresh) }

    /// Takes an order that is in no book, which a comparison has found to be missing: dropped if the books have an
    /// order for the same device, now or before it is done.
    func repair(_ order: GatewayOrder) { take(order, .repair) }

    package func wait(for orderID: UUID, atMost limit: Duration) async -> Bool {
        await waiters.wait(for: orderID, atMost: limit) { self.isOpen(orderID) }
    }

    /// Nothing is under way and nothing waits.
    var isEmpty: Bool { state.withLock { $0.open.isEmpty } }

    /// True while nothing is under way at any router and nothing could be begun.
    var isIdle: Bool {
        let time = now()
        return state.withLock { $0.lines.values.allSatisfy { $0.isIdle(at: time) } }
    }

    private func isOpen(_ orderID: UUID) -> Bool { state.withLock { $0.open.contains(orderID) } }

    private func load() async {
        while !Task.isCancelled {
            do {
                for order in try await orders.pendingOrders() { take(order, .old) }
                return
            } catch {
                logger.error("pending orders cannot be read, trying again", metadata: ["error": "\(error)"])
                try? await sleep(.seconds(1))
            }
        }
    }

    /// Takes orders from the books that nobody has brought: their writer was not told that they are on disk, or was
    /// another node, which is gone. Who writes an order brings it at once, so only older ones count.
    func takeUpLost() async throws {
        let latest = now().addingTimeInterval(-Self.bringingTime)
        for order in try await orders.pendingOrders() where order.createdAt < latest { take(order, .old) }
    }

    private func take(_ order: GatewayOrder, _ origin: DeliveryEntry.Origin) {
        let needsWorker = state.withLock { state in
            guard state.open.insert(order.id).inserted else { return false }
            let entry = DeliveryEntry(order: order, origin: origin, attempts: order.attempts)
            let dropped = state.lines[order.siteID, default: DeliveryLine(limit: Self.workersPerSite)].add(entry)
            if let dropped { state.open.remove(dropped.order.id) }
            return state.hireWorker(at: order.siteID, most: Self.workersPerSite)
        }
        if needsWorker { send.yield(.work(order.siteID)) }
    }

    private func work(at site: UUID) async {
        while !Task.isCancelled, let entry = nextEntry(at: site) {
            await deliver(entry)
        }
    }

    /// Nil when there is nothing to do now; the worker is dismissed then, and an alarm set if time will help.
    private func nextEntry(at site: UUID) -> DeliveryEntry? {
        let time = now()
        let (entry, event): (DeliveryEntry?, Event?) = state.withLock { state in
            if let entry = state.lines[site]?.next(at: time) {
                let isShort = state.lines[site]?.hasMore(at: time) == true
                let hires = isShort && state.hireWorker(at: site, most: Self.workersPerSite)
                return (entry, hires ? .work(site) : nil)
            }
            return (nil, state.dismissWorker(at: site, now: time).map { .alarm(site, $0) })
        }
        if let event { send.yield(event) }
        return entry
    }

    private func wake(_ site: UUID, at moment: Date) async {
        let seconds = moment.timeIntervalSince(now())
        try? await sleep(.seconds(seconds > DeliveryLine.longestWait ? 0 : max(0, seconds)))
        let needsWorker = state.withLock { state in
            if state.alarms[site] == moment { state.alarms[site] = nil }
            return state.hireWorker(at: site, most: Self.workersPerSite)
        }
        if needsWorker { await work(at: site) }
    }

    private func deliver(_ entry: DeliveryEntry) async {
        var entry = entry
        let start = now()
        entry.attempts += 1
        let outcome = await courier.deliver(entry)
        let milliseconds = Int(saturating: now().timeIntervalSince(start) * 1_000)
        switch outcome {
        case .delivered(let then):
            then.forEach(submit)
            complete(entry, "order delivered", routerWorks: true, milliseconds)
        case .occupied: await giveUp(entry, GuestSession.EndReason.occupied.rawValue, routerWorks: false, milliseconds)
        case .pointless: complete(entry, "order dropped", routerWorks: false, milliseconds)
        case .overdue:
            await giveUp(entry, entry.lastError?.reason ?? "router_unreachable", routerWorks: false, milliseconds)
        // A cancelled call fails without telling anything of the router.
        case .failed where Task.isCancelled: break
        case .failed(let error): await handle(error, of: entry, milliseconds)
        case .storeFailed(let text):
            logger.error("order kept: the books cannot be written", metadata: entry.metadata(["error": "\(text)"]))
            keep(entry, .wait(1), nil)
        }
    }

    private func handle(_ error: GatewayError, of entry: DeliveryEntry, _ milliseconds: Int) async {
        var entry = entry
        let time = now()
        entry.note(error, at: time)
        let failures = state.withLock { $0.lines[entry.order.siteID]?.routerFailures ?? 0 }
        let verdict = pace.verdict(
            on: error, entry: entry, routerFailures: failures + 1, now: time, chance: .random(in: 0...1))
        if case .giveUp(let reason) = verdict { return await giveUp(entry, reason, routerWorks: true, milliseconds) }
        keep(entry, verdict, error)
    }

    private func giveUp(_ entry: DeliveryEntry, _ reason: String, routerWorks: Bool, _ milliseconds: Int) async {
        do {
            switch try await courier.giveUp(entry, reason: reason) {
            case .done(let instead):
                if let instead { submit(instead) }
                complete(entry, "order given up: \(reason)", routerWorks: routerWorks, milliseconds)
            case .kept: stall(entry, reason)
            }
        } catch {
            keep(entry, .wait(1), nil)
        }
    }

    /// The order stays, and is tried now and then while it can do any good.
    private func stall(_ entry: DeliveryEntry, _ reason: String) {
        var entry = entry
        entry.isStalled = true
        logger.info("order stalls: \(reason)", metadata: entry.metadata([:]))
        keep(entry, .retry(after: pace.stall(entry, .random(in: 0...1))), nil)
    }

    private func keep(_ entry: DeliveryEntry, _ verdict: DeliveryVerdict, _ error: GatewayError?) {
        let time = now()
        let changed = state.withLock { state in
            let site = entry.order.siteID
            guard state.lines[site]?.shouldYield(entry) != true else {
                state.open.remove(entry.order.id)
                return state.lines[site]?.done(entry, routerWorks: false) ?? false
            }
            return state.lines[site]?.failed(entry, verdict, at: time) ?? false
        }
        guard changed else { return }
        if case .pauseRouter = verdict, let error {
            logger.warning(
                "router failing",
                metadata: ["site": "\(entry.order.siteID.text)", "reason": "\(error.explanation)"])
        } else {
            logRecovery(entry)
        }
    }

    private func complete(_ entry: DeliveryEntry, _ message: String, routerWorks: Bool, _ milliseconds: Int) {
        let recovered = state.withLock { state in
            let site = entry.order.siteID
            let recovered = state.lines[site]?.done(entry, routerWorks: routerWorks) ?? false
            state.open.remove(entry.order.id)
            return recovered
        }
        if recovered { logRecovery(entry) }
        // Devices that are gone need no line each, again and again.
        if !entry.isRepair || routerWorks {
            logger.info("\(message)", metadata: entry.metadata(["ms": "\(milliseconds)"]))
        }
        waiters.release(entry.order.id)
    }

    private func logRecovery(_ entry: DeliveryEntry) {
        logger.info("router works again", metadata: ["site": "\(entry.order.siteID.text)"])
    }
}

extension OrderQueue.State {
    /// True if a worker has to be started at the site.
    fileprivate mutating func hireWorker(at site: UUID, most limit: Int) -> Bool {
        guard workers[site, default: 0] < limit else { return false }
        workers[site, default: 0] += 1
        return true
    }

    /// The moment of an alarm that has to be set.
    fileprivate mutating func dismissWorker(at site: UUID, now: Date) -> Date? {
        workers[site, default: 1] -= 1
        if workers[site] == 0 { workers[site] = nil }
        if lines[site]?.isEmpty == true { lines[site] = nil }
        guard let moment = lines[site]?.nextMoment(at: now) else { return nil }
        guard alarms[site].map({ moment < $0 }) ?? true else { return nil }
        alarms[site] = moment
        return moment
    }
}

extension DeliveryEntry {
    fileprivate func metadata(_ more: Logger.Metadata) -> Logger.Metadata {
        let own: Logger.Metadata = [
            "site": "\(order.siteID.text)", "session": "\(order.sessionID.text)", "kind": "\(order.kind.rawValue)",
            "attempts": "\(attempts)", "origin": "\(origin)",
        ]
        return own.merging(more) { $1 }
    }
}
