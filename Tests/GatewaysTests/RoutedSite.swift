import Captive
import Foundation
import HTTPClient
import Storage

@testable import Gateways

/// A database on disk with the reconciler and the router watch, and a simulated router behind a real driver.
final class RoutedSite: Sendable {
    let fixture: RouterFixture
    let database: StoreFixture
    private let gateways: SiteGateways

    /// `timeout`: for one call to the router.
    init(_ kind: RouterKind = .rest, timeout: Duration = .milliseconds(500)) async throws {
        fixture = try RouterFixture(kind, timeout: timeout)
        database = try await StoreFixture(clock: fixture.clock)
        try await database.setRouter(fixture.settings, for: database.siteID)
        let factory = GatewayFactory(
            http: HTTPClient(), policy: RouterPolicy(allowsLocalRouters: true), callTimeout: timeout)
        gateways = SiteGateways(sites: database.store, factory: factory)
    }

    /// Reconciles until no device is pending. Returns the session as it is then.
    func reconcile(_ session: GuestSession) async throws -> GuestSession { try await work(session, watching: false) }

    /// Reconciles, and then compares the router with the database and corrects it. Returns the session as it is then.
    func settle(_ session: GuestSession) async throws -> GuestSession { try await work(session, watching: true) }

    private func work(_ session: GuestSession, watching: Bool) async throws -> GuestSession {
        let reconciler = Reconciler(
            gateways: gateways, store: database.store, logger: quietLogger, now: fixture.clock.now,
            sleep: fixture.clock.sleep)
        database.connect(reconciler)
        reconciler.enqueue([session.siteDevice])
        let run = Task { await reconciler.run() }
        while !reconciler.isEmpty { await Task.yield() }
        if watching {
            fixture.clock.advance(60)
            await watch(reconciler).run()
            while !reconciler.isEmpty { await Task.yield() }
        }
        run.cancel()
        await run.value
        database.connect(nil)
        return try await database.session(session.id)
    }

    /// Visits the router once.
    private func watch(_ reconciler: Reconciler) -> RouterWatch {
        RouterWatch(
            sites: database.store, gateways: gateways, sessions: database.store, reconciler: reconciler,
            logger: quietLogger, now: fixture.clock.now, sleep: { _ in throw CancellationError() })
    }

    /// The guest signs out.
    func end(_ session: GuestSession) async throws {
        _ = try await database.store.end(session.id, reason: .signedOut, now: fixture.clock.now())
    }
}
