package import Captive
package import Foundation
package import Logging
internal import Synchronization

/// Gives routers back what they have lost. Every few seconds each router is asked whom it lets through; a device whose
/// session is active in the books, and which the router has forgotten in a restart or dropped while it was away, is let
/// through again for the time that it has left.
package final class RouterWatch: Sendable {
    private let sites: any SiteStore
    private let gateways: any GatewayDirectory
    private let sessions: any SessionStore
    private let interval: Duration
    private let now: WallClock
    private let sleep: OrderQueue.Sleep
    private let logger: Logger
    private let onReturn: @Sendable (UUID) -> Void
    /// Sites whose router fails, each with the reason.
    private let failing = Mutex<[UUID: String]>([:])

    /// Sessions are restored together, so that they share the router's reads.
    private static let width = 32
    /// Seconds: one that ends sooner, or was confirmed later, is left as it is.
    private static let worthwhile = 10

    /// Visits all routers once in `interval`. `onReturn` is told of the site whose router works again; it must not wait.
    /// `now` and `sleep` are for tests to decide.
    package init(
        sites: any SiteStore, gateways: any GatewayDirectory, sessions: any SessionStore, logger: Logger,
        interval: Duration = .seconds(10), onReturn: @escaping @Sendable (UUID) -> Void = { _ in },
        now: @escaping WallClock = { Date() }, sleep: @escaping OrderQueue.Sleep = { try await Task.sleep(for: $0) }
    ) {
        self.onReturn = onReturn
        self.sites = sites
        self.gateways = gateways
        self.sessions = sessions
        self.interval = interval
        self.now = now
        self.sleep = sleep
        self.logger = logger
    }

    /// Watches until the task is cancelled.
    package func run() async {
        while !Task.isCancelled {
            do {
                let guarded = try await sites.sitesWithRouter().filter {
                    $0.router?.driver != RouterSettings.Driver.none
                }
                await forEach(guarded.map(\.id)) { await self.visit($0) }
            } catch {
                logger.error("sites cannot be read, trying again", metadata: ["error": "\(type(of: error))"])
            }
            guard (try? await sleep(interval)) != nil else { return }
        }
    }

    private func visit(_ site: UUID) async {
        do {
            guard let gateway = try await gateways.gateway(for: site) else { return }
            let asked = now()
            let held = Set(try await gateway.list())
            note(site, problem: nil)
            let missing = try await sessions.runningSessions(atSite: site, now: asked).filter {
                $0.status == .active && !held.contains($0.client) && isWorthwhile($0, asked)
            }
            await forEach(missing) { await self.restore($0, on: gateway) }
        } catch let error as GatewayError {
            if !Task.isCancelled { note(site, problem: error) }
        } catch {
            logger.error("sessions cannot be read, trying again", metadata: ["error": "\(type(of: error))"])
        }
    }

    private func isWorthwhile(_ session: GuestSession, _ asked: Date) -> Bool {
        let margin = TimeInterval(Self.worthwhile)
        let isSettled = session.authorizedAt.map { asked.timeIntervalSince($0) >= margin } ?? false
        return isSettled && session.secondsLeft(at: asked) > Self.worthwhile
    }

    /// A device that is not there is tried again at the next visit.
    private func restore(_ session: GuestSession, on gateway: any Gateway) async {
        guard await isCurrent(session) else { return }
        do {
            try await gateway.authorize(session.client, for: session.secondsLeft(at: now()))
            let metadata: Logger.Metadata = ["site": "\(session.siteID.text)", "session": "\(session.id.text)"]
            logger.info("session restored", metadata: metadata)
            // It may have ended meanwhile, its revocation being done before.
            if await !isCurrent(session) { try await settle(session, on: gateway) }
        } catch {}
    }

    private func isCurrent(_ session: GuestSession) async -> Bool {
        let latest = try? await sessions.latestSession(of: session.client.mac, at: session.siteID)
        return latest?.id == session.id && latest?.isRunning(at: now()) == true
    }

    /// Makes the router hold what the books say of the device now.
    private func settle(_ session: GuestSession, on gateway: any Gateway) async throws {
        let latest = try await sessions.latestSession(of: session.client.mac, at: session.siteID)
        guard let latest, latest.isRunning(at: now()) else { return try await gateway.revoke(session.client) }
        try await gateway.authorize(latest.client, for: latest.secondsLeft(at: now()))
    }

    private func note(_ site: UUID, problem: GatewayError?) {
        let before = failing.withLock { failing in
            defer { failing[site] = problem?.reason }
            return failing[site]
        }
        guard before != problem?.reason else { return }
        let metadata: Logger.Metadata = ["site": "\(site.text)"]
        guard let problem else {
            logger.info("router works again", metadata: metadata)
            return onReturn(site)
        }
        logger.warning("router failing", metadata: metadata.merging(["reason": "\(problem.explanation)"]) { $1 })
    }

    private func forEach<T: Sendable>(_ items: [T], _ work: @Sendable @escaping (T) async -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            for (index, item) in items.enumerated() {
                if index >= Self.width { await group.next() }
                group.addTask { await work(item) }
            }
        }
    }
}
