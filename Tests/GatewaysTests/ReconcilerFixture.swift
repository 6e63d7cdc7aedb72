import Captive
import Foundation
import NetworkAddress
import Storage
import Testing

@testable import Gateways

/// A reconciler with a real database and a gateway with scripted results.
final class ReconcilerFixture: Sendable {
    let clock = TestClock()
    let gateway: FakeGateway
    let database: StoreFixture
    let reconciler: Reconciler

    /// Seconds of a session. Long, since retries advance the clock quickly.
    static let ttl = 36_000

    init() async throws {
        gateway = FakeGateway(now: clock.now)
        database = try await StoreFixture(clock: clock, ttl: Self.ttl)
        reconciler = Self.makeReconciler(gateway, database.store, clock)
        database.connect(reconciler)
    }

    /// Returns another reconciler, such as that of a restarted program. Marked devices are reported to it from now on.
    func another(over gateways: (any GatewayDirectory)? = nil, store: (any AccessStore)? = nil) -> Reconciler {
        let reconciler = Self.makeReconciler(gateways ?? gateway, store ?? database.store, clock)
        database.connect(reconciler)
        return reconciler
    }

    private static func makeReconciler(
        _ gateways: any GatewayDirectory, _ store: any AccessStore, _ clock: TestClock
    ) -> Reconciler {
        Reconciler(gateways: gateways, store: store, logger: quietLogger, now: clock.now) { duration in
            // Long limits of waits are real time, so that tests see what ends a wait.
            if duration >= .seconds(3_600) { return try await Task.sleep(for: duration) }
            try await clock.sleep(duration)
        }
    }

    func client(_ number: UInt32 = 1, ip: UInt32? = nil) throws -> GatewayClient {
        GatewayClient(mac: try #require(MACAddress(rawValue: UInt64(number))), ip: .v4(ip ?? number))
    }

    func device(_ number: UInt32 = 1) throws -> SiteDevice {
        SiteDevice(siteID: database.siteID, mac: try client(number).mac)
    }

    /// Runs a reconciler while `work` lasts.
    func running(_ other: Reconciler? = nil, _ work: () async throws -> Void) async throws {
        let reconciler = other ?? reconciler
        let run = Task { await reconciler.run() }
        let result = await Result { () async throws in try await work() }
        run.cancel()
        await run.value
        try result.get()
    }

    /// Waits until no device is pending.
    func settle(_ other: Reconciler? = nil) async throws {
        let reconciler = other ?? reconciler
        try await until { reconciler.isEmpty }
    }

    /// Waits until nothing can be done before the clock advances.
    func rest() async throws { try await until { self.reconciler.isIdle } }

    /// Waits until the gateway received that many calls.
    func until(calls count: Int) async throws { try await until { self.gateway.calls.count >= count } }

    func until(_ condition: () async throws -> Bool) async throws {
        while try await !condition() {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    /// Ends a session.
    func end(_ session: GuestSession, _ reason: GuestSession.EndReason = .signedOut) async throws {
        _ = try #require(try await database.store.end(session.id, reason: reason, now: clock.now()))
    }

    /// The router has intercepted the device of a running session.
    func recapture(_ session: GuestSession, at client: GatewayClient) async throws {
        _ = try #require(try await database.store.recapture(session.id, at: client, now: clock.now()))
    }

    /// An active session continues on another device.
    func move(_ session: GuestSession, to client: GatewayClient) async throws {
        let proof = Resumption.Proof.mark(Ownership.Mark(sessionID: session.id, moves: session.moves))
        let resumption = Resumption(
            proof: proof, instanceID: session.instanceID, siteID: session.siteID, client: client, now: clock.now())
        guard case .resumed = try await database.store.resume(resumption) else { throw StoreFixture.Refused() }
    }
}

extension Result where Failure == any Error {
    /// The result of an asynchronous call.
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
