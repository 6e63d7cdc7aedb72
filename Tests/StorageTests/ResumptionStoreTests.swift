import Captive
import Foundation
import Testing

@testable import Storage

@Suite struct ResumptionStoreTests {
    private static let later = Venue.now.addingTimeInterval(600)

    private func resume(
        _ venue: Venue, _ proof: Resumption.Proof, as client: GatewayClient, at now: Date = later,
        site: UUID? = nil, instance: UUID? = nil
    ) async throws -> Resumption.Outcome {
        try await venue.store.resume(
            Resumption(
                proof: proof, instanceID: instance ?? venue.instance.id, siteID: site ?? venue.siteID, client: client,
                now: now))
    }

    /// The session once the router has confirmed its move.
    private func move(
        _ venue: Venue, _ proof: Resumption.Proof, to client: GatewayClient, at now: Date = later
    ) async throws -> GuestSession {
        guard case .resumed(let session) = try await resume(venue, proof, as: client, at: now) else {
            throw Venue.Unexpected()
        }
        let device = venue.device(client)
        // The router may hold a session that has left the device.
        while try await !venue.store.confirmNext(for: device, now: now) {}
        return try #require(try await venue.store.session(session.id))
    }

    private func code(_ venue: Venue, of session: GuestSession) throws -> Resumption.Proof {
        .code(try #require(venue.store.resumeCodes.code(of: session)))
    }

    @Test(arguments: StorageBackend.all)
    func `a code moves the session with the time that is left and disconnects its former device`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        let old = try await venue.online(Venue.client(1))
        let new = try Venue.client(2)
        guard case .resumed(let resumed) = try await resume(venue, code(venue, of: old), as: new) else {
            throw Venue.Unexpected()
        }
        #expect(resumed == old)
        var waiting = old
        waiting.move = GuestSession.PendingMove(client: new, since: Self.later)
        #expect(try await venue.store.session(old.id) == waiting, "it stays where it is until the router has confirmed")
        #expect(try await venue.next(old.client, at: Self.later) == .settled)
        let grant = AccessGrant(session: waiting, client: new, seconds: Venue.ttl - 600, purpose: .move)
        #expect(try await venue.next(new, at: Self.later) == .authorize(grant))
        #expect(try await venue.next(new, at: old.expiresAt) == .settled)
        #expect(try await venue.pending().map(\.device) == [venue.device(new)])
        #expect(try await venue.store.confirm(grant, now: Self.later))
        let session = try #require(try await venue.store.session(old.id))
        #expect(session.client == new && session.expiresAt == old.expiresAt && session.move == nil)
        #expect(session.status == .active && session.moves == 1)
        #expect(try await venue.store.latestSession(of: old.client.mac, at: venue.siteID) == nil)
        #expect(try await venue.pending().map(\.device) == [venue.device(old.client)])
        #expect(venue.changes.all.last == .pending([venue.device(old.client)]))
        #expect(try await venue.next(old.client, at: Self.later) == .deauthorize(old.client))
    }

    @Test(arguments: StorageBackend.all)
    func `a proof is valid for one move, and the next has its own code`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let old = try await venue.online(Venue.client(1))
        let (first, mark) = (try code(venue, of: old), Resumption.Proof.mark(.init(sessionID: old.id, moves: 0)))
        let session = try await move(venue, mark, to: Venue.client(2))
        #expect(try await resume(venue, first, as: Venue.client(3)) == .unknown)
        #expect(try await resume(venue, mark, as: Venue.client(3)) == .unknown)
        let second = try code(venue, of: session)
        #expect(second != first)
        guard case .resumed = try await resume(venue, second, as: Venue.client(3)) else { throw Venue.Unexpected() }
    }

    @Test(arguments: StorageBackend.all)
    func `a device that a session has left is known while the session runs elsewhere`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        let old = try await venue.online(Venue.client(1))
        func departure(_ number: Int, at now: Date = Self.later, of instance: UUID? = nil) async throws -> Date? {
            try await venue.store.departure(
                from: Venue.client(number).mac, at: venue.siteID, of: instance ?? venue.instance.id, now: now)
        }
        #expect(try await departure(1) == nil)
        _ = try await move(venue, code(venue, of: old), to: Venue.client(2))
        #expect(try await departure(1) == Self.later)
        #expect(try await departure(2) == nil)
        #expect(try await departure(1, of: UUID()) == nil)
        #expect(try await departure(1, at: old.expiresAt) == nil)
        let moved = try #require(try await venue.store.session(old.id))
        _ = try await move(venue, code(venue, of: moved), to: old.client)
        #expect(try await departure(1) == nil)
        #expect(try await departure(2) == Self.later)
    }

    @Test(arguments: StorageBackend.all)
    func `a session moves three times in an hour and no more`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        var session = try await venue.online(Venue.client(0))
        for move in 1...Resumption.limit {
            let now = Venue.now.addingTimeInterval(Double(60 * move))
            session = try await self.move(venue, code(venue, of: session), to: Venue.client(move), at: now)
        }
        let proof = try code(venue, of: session)
        let until = Venue.now.addingTimeInterval(60 + Resumption.window)
        let marks = try await venue.pending()
        #expect(try await resume(venue, proof, as: Venue.client(9)) == .tooOften(until: until))
        #expect(try await venue.store.session(session.id) == session)
        #expect(try await venue.pending() == marks)
        guard case .resumed = try await resume(venue, proof, as: session.client) else { throw Venue.Unexpected() }
    }

    @Test(arguments: StorageBackend.all)
    func `only an active session of that instance at that site is moved`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let active = try await venue.online(Venue.client(1))
        let connecting = try await venue.connect(Venue.client(2))
        let gone = try await venue.online(Venue.client(3))
        _ = try await venue.store.end(gone.id, reason: .admin, now: Venue.now)
        let client = try Venue.client(9)
        for session in [connecting, gone] {
            #expect(try await resume(venue, code(venue, of: session), as: client) == .unknown)
            #expect(try await resume(venue, .mark(.init(sessionID: session.id, moves: 0)), as: client) == .unknown)
        }
        let proof = try code(venue, of: active)
        #expect(try await resume(venue, proof, as: client, site: UUID()) == .unknown)
        #expect(try await resume(venue, proof, as: client, instance: UUID()) == .unknown)
        #expect(try await resume(venue, proof, as: client, at: active.expiresAt) == .unknown)
        #expect(try await venue.store.latestSession(of: client.mac, at: venue.siteID) == nil)
    }

    @Test(arguments: StorageBackend.all)
    func `a session does not move to a device that has an active one of its own`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        let short = try await venue.online(Venue.client(1))
        let long = try await venue.online(Venue.client(2), at: Venue.now + 60)
        #expect(try await resume(venue, code(venue, of: short), as: long.client) == .occupied(long))
        #expect(try await venue.store.session(short.id) == short)
        #expect(try await venue.store.session(long.id) == long)
        #expect(try await resume(venue, code(venue, of: long), as: short.client) == .occupied(short))
    }

    @Test(arguments: StorageBackend.all)
    func `a move that the router contradicts ends no other session`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let (old, bystander) = (try await venue.online(Venue.client(1)), try await venue.online(Venue.client(2)))
        let forger = GatewayClient(mac: bystander.client.mac, ip: try Venue.client(66).ip)
        #expect(try await resume(venue, code(venue, of: old), as: forger) == .occupied(bystander))
        let nowhere = try Venue.client(67)
        guard case .resumed = try await resume(venue, code(venue, of: old), as: nowhere) else {
            throw Venue.Unexpected()
        }
        let grant = try await venue.grant(nowhere, at: Self.later)
        #expect(try await venue.store.refuse(grant, reason: "device_mismatch", mayHaveBegun: false, now: Self.later))
        #expect(try await venue.store.session(old.id) == old, "it stays where it is")
        #expect(try await venue.store.session(bystander.id) == bystander)
        #expect(try await venue.pending().isEmpty)
    }

    @Test(arguments: StorageBackend.all)
    func `of two sessions that are to move to one device the router confirms the first, and the other stays`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        let (one, two) = (try await venue.online(Venue.client(1)), try await venue.online(Venue.client(2)))
        let (device, client) = (venue.device(try Venue.client(3)), try Venue.client(3))
        for (session, delay) in [(one, 0.0), (two, 1)] {
            let outcome = try await resume(venue, code(venue, of: session), as: client, at: Self.later + delay)
            #expect(outcome == .resumed(session))
        }
        let now = Self.later + 2
        #expect(try await venue.grant(client, at: now).session.id == one.id)
        #expect(try await !venue.store.confirmNext(for: device, now: now))
        guard case .refuse(let grant) = try await venue.next(client, at: now) else { throw Venue.Unexpected() }
        #expect(grant.session.id == two.id && grant.client == client && grant.purpose == .move)
        #expect(try await venue.store.confirmNext(for: device, now: now))
        #expect(try await venue.store.session(one.id)?.client == client)
        #expect(try await venue.store.session(two.id) == two)
        #expect(try await venue.pending().map(\.device) == [venue.device(one.client)])
    }

    @Test(arguments: StorageBackend.all)
    func `a session that has moved is not recaptured on its former device`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let old = try await venue.online(Venue.client(1))
        let moved = try await move(venue, code(venue, of: old), to: Venue.client(2))
        let marks = try await venue.pending()
        #expect(try await venue.store.recapture(old.id, at: old.client, now: Self.later) == nil)
        #expect(try await venue.store.session(old.id) == moved)
        #expect(try await venue.pending() == marks)
    }

    @Test(arguments: StorageBackend.all)
    func `the former devices of a session are deleted with the session`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let old = try await venue.online(Venue.client(1))
        _ = try await move(venue, code(venue, of: old), to: Venue.client(2))
        let count = { @Sendable (connection: any SQLConnection) in
            try connection.rows("SELECT mac FROM session_moves", []).count
        }
        #expect(try await venue.database.read(count) == 1)
        _ = try await venue.store.end(old.id, reason: .admin, now: Self.later)
        #expect(try await venue.store.deleteSessions(endedBefore: Self.later + 1, limit: 10) == 1)
        #expect(try await venue.database.read(count) == 0)
    }
}
