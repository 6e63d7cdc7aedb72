import Captive
import Foundation
import Testing

@testable import Storage

/// A database of schema 14, which held orders, brought to schema 15, which holds pending devices.
@Suite struct OrderMigrationTests {
    private static let version = 14
    private let now = Venue.now + 100

    /// A database as written by the program before schema 15.
    private struct OldDatabase {
        let database: any Database
        let folder: TemporaryFolder
        let siteID = UUID()
        let instanceID = UUID()

        init(_ backend: StorageBackend) async throws {
            (database, folder) = try backend.make()
            let migrations = Schema.migrations.filter { $0.version <= OrderMigrationTests.version }
            let report = try await Migrator(database: database, migrations: migrations).migrate(now: Venue.now)
            #expect(report.to == OrderMigrationTests.version)
        }

        /// Writes a session that began at `Venue.now`.
        func session(
            _ client: GatewayClient, _ status: GuestSession.Status, reason: GuestSession.EndReason? = nil,
            replaces: UUID? = nil
        ) async throws -> GuestSession {
            let session = GuestSession(
                id: UUID(), siteID: siteID, instanceID: instanceID, workspace: .default, client: client, status: status,
                reason: reason?.rawValue, strategy: .coupon, couponID: UUID(), device: "iPhone", ttl: Venue.ttl,
                createdAt: Venue.now, authorizedAt: status == .connecting ? nil : Venue.now,
                expiresAt: Venue.now.addingTimeInterval(Double(Venue.ttl)),
                endedAt: reason == nil ? nil : Venue.now + 10, replaces: replaces)
            let row: [SQLValue] = [
                .id(session.id), .id(siteID), .id(instanceID), .workspace(.default), .mac(client.mac), .ip(client.ip),
                .text(status.rawValue), .text(session.reason), .text(session.strategy.rawValue), .id(session.couponID),
                .text(session.device), .integer(session.ttl), .date(session.createdAt), .date(session.authorizedAt),
                .date(session.expiresAt), .date(session.endedAt), .id(session.replaces),
            ]
            _ = try await database.write { connection in
                try connection.execute(
                    """
                    INSERT INTO sessions (id, site_id, instance_id, workspace, mac, ip, status, reason, strategy,
                        coupon_id, device, ttl, created_at, authorized_at, expires_at, ended_at, replaces)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
                    """, row)
            }
            return session
        }

        /// Writes an order of `session`, created `age` seconds after `Venue.now`. Without a deadline, it is valid until
        /// the session's end.
        func order(
            _ kind: String, _ session: GuestSession, at client: GatewayClient? = nil, age: TimeInterval,
            deadline: Date? = nil
        ) async throws {
            let client = client ?? session.client
            let row: [SQLValue] = [
                .id(UUID()), .id(siteID), .id(session.id), .text(kind), .mac(client.mac), .ip(client.ip),
                .integer(kind == "revoke" ? 0 : session.ttl), .date(Venue.now + age),
                .date(deadline ?? session.expiresAt),
            ]
            _ = try await database.write { connection in
                try connection.execute(
                    """
                    INSERT INTO orders (id, site_id, session_id, kind, mac, ip, ttl, created_at, deadline)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                    """, row)
            }
        }

        /// Brings the database to the newest schema.
        func migrated() async throws -> Store {
            let sealer = try #require(Sealer(keys: [Array(repeating: 7, count: 32)]))
            let store = Store(database, sealer: sealer)
            let report = try await store.migrate(now: Venue.now)
            #expect(report.from == OrderMigrationTests.version && report.to >= 15)
            return store
        }

        func device(_ client: GatewayClient) -> SiteDevice { SiteDevice(siteID: siteID, mac: client.mac) }

        func mark(
            _ client: GatewayClient, since: TimeInterval, revokeUntil: Date? = nil
        ) -> PendingDevice {
            PendingDevice(device: device(client), ip: client.ip, since: Venue.now + since, revokeUntil: revokeUntil)
        }
    }

    @Test(arguments: StorageBackend.all)
    func `a connecting session begins with all of its time`(backend: StorageBackend) async throws {
        let old = try await OldDatabase(backend)
        let session = try await old.session(Venue.client(1), .connecting)
        try await old.order("authorize", session, age: 1)
        let store = try await old.migrated()
        let state = try await store.state(of: old.device(session.client))
        #expect(state.sessions == [session] && state.pending == old.mark(session.client, since: 1))
        let grant = AccessGrant(session: session, client: session.client, seconds: Venue.ttl, purpose: .begin)
        #expect(state.next(at: now) == .authorize(grant))
        #expect(try await store.confirm(grant, now: now))
        #expect(try await store.session(session.id)?.status == .active)
    }

    @Test(arguments: StorageBackend.all)
    func `an active session that waited for its router is confirmed where it is`(
        backend: StorageBackend
    ) async throws {
        let old = try await OldDatabase(backend)
        let session = try await old.session(Venue.client(1), .active)
        try await old.order("authorize", session, age: 50)
        let store = try await old.migrated()
        let state = try await store.state(of: old.device(session.client))
        var waiting = session
        waiting.awaitingSince = Venue.now + 50
        #expect(state.sessions == [waiting] && state.pending == old.mark(session.client, since: 50))
        let grant = AccessGrant(session: waiting, client: session.client, seconds: Venue.ttl - 100, purpose: .restore)
        #expect(state.next(at: now) == .authorize(grant))
        #expect(try await store.confirm(grant, now: now))
        #expect(try await store.session(session.id) == session)
    }

    @Test(arguments: StorageBackend.all)
    func `an active session that was to move moves when the router confirms it`(
        backend: StorageBackend
    ) async throws {
        let old = try await OldDatabase(backend)
        let (session, client) = (try await old.session(Venue.client(1), .active), try Venue.client(2))
        try await old.order("authorize", session, at: client, age: 50)
        let store = try await old.migrated()
        var moving = session
        moving.move = GuestSession.PendingMove(client: client, since: Venue.now + 50)
        #expect(
            try await store.state(of: old.device(session.client))
                == DeviceState(device: old.device(session.client), sessions: [moving]))
        let state = try await store.state(of: old.device(client))
        #expect(state.sessions == [moving] && state.pending == old.mark(client, since: 50))
        let grant = AccessGrant(session: moving, client: client, seconds: Venue.ttl - 100, purpose: .move)
        #expect(state.next(at: now) == .authorize(grant))
        #expect(try await store.confirm(grant, now: now))
        #expect(try await store.session(session.id)?.client == client)
    }

    @Test(arguments: StorageBackend.all)
    func `a device that was to be disconnected is disconnected until the order's deadline`(
        backend: StorageBackend
    ) async throws {
        let old = try await OldDatabase(backend)
        let session = try await old.session(Venue.client(1), .disconnected, reason: .signedOut)
        let deadline = session.expiresAt + 86_400
        try await old.order("revoke", session, age: 10, deadline: deadline)
        let store = try await old.migrated()
        let device = old.device(session.client)
        let mark = old.mark(session.client, since: 10, revokeUntil: deadline)
        let state = try await store.state(of: device)
        #expect(state == DeviceState(device: device, sessions: [], pending: mark))
        #expect(state.next(at: deadline - 1) == .deauthorize(session.client) && state.next(at: deadline) == .settled)
        #expect(try await store.session(session.id) == session)
        #expect(try await store.confirmRevocation(of: device, now: now))
        #expect(try await store.state(of: device).pending == nil)
    }

    @Test(arguments: StorageBackend.all)
    func `a device with several orders has one mark, and its revocation is first`(
        backend: StorageBackend
    ) async throws {
        let old = try await OldDatabase(backend)
        let client = try Venue.client(1)
        let first = try await old.session(client, .disconnected, reason: .signedOut)
        let second = try await old.session(client, .disconnected, reason: .replaced)
        let third = try await old.session(client, .connecting)
        let deadlines = [first.expiresAt + 86_400, second.expiresAt + 90_000]
        try await old.order("revoke", first, age: 10, deadline: deadlines[0])
        try await old.order("revoke", second, age: 20, deadline: deadlines[1])
        try await old.order("authorize", third, age: 30, deadline: third.expiresAt + 200_000)
        let store = try await old.migrated()
        let state = try await store.state(of: old.device(client))
        #expect(state.sessions == [third])
        #expect(state.pending == old.mark(client, since: 10, revokeUntil: deadlines[1]))
        #expect(state.next(at: now) == .deauthorize(client))
        #expect(try await !store.confirmRevocation(of: state.device, now: now))
        let grant = AccessGrant(session: third, client: client, seconds: Venue.ttl, purpose: .begin)
        #expect(try await store.state(of: state.device).next(at: now) == .authorize(grant))
        #expect(try await store.confirm(grant, now: now))
    }

    @Test(arguments: StorageBackend.all)
    func `a renewal takes over the time that is left`(backend: StorageBackend) async throws {
        let old = try await OldDatabase(backend)
        let active = try await old.session(Venue.client(1), .active)
        let renewal = try await old.session(active.client, .connecting, replaces: active.id)
        try await old.order("authorize", renewal, age: 60)
        let store = try await old.migrated()
        let state = try await store.state(of: old.device(active.client))
        #expect(Set(state.sessions.map(\.id)) == [active.id, renewal.id])
        let carried = 2 * Venue.ttl - 100
        let grant = AccessGrant(session: renewal, client: active.client, seconds: carried, purpose: .begin)
        #expect(state.next(at: now) == .authorize(grant))
        #expect(try await store.confirm(grant, now: now))
        #expect(try await store.session(active.id)?.hasEnded(.replaced) == true)
    }

    @Test(arguments: StorageBackend.all)
    func `a session without an order is not changed, and the orders are gone`(
        backend: StorageBackend
    ) async throws {
        let old = try await OldDatabase(backend)
        let active = try await old.session(Venue.client(1), .active)
        let ended = try await old.session(Venue.client(2), .disconnected, reason: .admin)
        let waiting = try await old.session(Venue.client(3), .connecting)
        try await old.order("authorize", waiting, age: 1)
        let store = try await old.migrated()
        for session in [active, ended] {
            #expect(try await store.session(session.id) == session)
            let state = try await store.state(of: old.device(session.client))
            #expect(state.pending == nil && state.next(at: now) == .settled)
        }
        let claimed = try await store.claimPending(lease: 60, limit: 10, now: now)
        #expect(claimed == [old.device(waiting.client)], "no node holds what was carried over")
        await #expect(throws: StorageError.self) {
            try await old.database.read { try $0.rows("SELECT id FROM orders", []) }
        }
    }
}
