import Captive
import Foundation
import Testing

@testable import Storage

/// The end of a session, and its effect on the sessions that were to replace it.
@Suite struct SessionEndStoreTests {
    private let later = Venue.now.addingTimeInterval(600)

    @Test(arguments: StorageBackend.all)
    func `a guest who signs out keeps a renewal, which replaces no session any more`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        let old = try await venue.online(Venue.client(1))
        let renewal = try await venue.connect(old.client, at: later, owning: old.id)
        #expect(try await venue.store.end(old.id, reason: .signedOut, now: later) == old)
        #expect(try await venue.store.session(old.id)?.hasEnded(.signedOut) == true)
        var kept = renewal
        kept.replaces = nil
        #expect(try await venue.store.session(renewal.id) == kept)
        #expect(try await venue.store.validCoupons(of: venue.instance.id, now: later, page: ListPage()).isEmpty)
        let device = venue.device(old.client)
        #expect(try await venue.next(old.client, at: later) == .deauthorize(old.client))
        #expect(try await !venue.store.confirmRevocation(of: device, now: later))
        let grant = AccessGrant(session: kept, client: old.client, seconds: Venue.ttl, purpose: .begin)
        #expect(try await venue.next(old.client, at: later) == .authorize(grant))
        #expect(try await venue.store.confirm(grant, now: later))
        let active = try await venue.store.session(renewal.id)
        #expect(active?.expiresAt == later.addingTimeInterval(Double(Venue.ttl)))
        #expect(try await venue.store.successor(of: old.id) == nil)
    }

    @Test(arguments: StorageBackend.all, [GuestSession.EndReason.admin, .instanceDeleted])
    func `when the venue ends a session its renewal ends as well, and the renewal's coupon is returned`(
        backend: StorageBackend, reason: GuestSession.EndReason
    ) async throws {
        let venue = try await Venue(backend)
        let old = try await venue.online(Venue.client(1))
        let renewal = try await venue.connect(old.client, at: later, owning: old.id)
        #expect(try await venue.store.end(old.id, reason: reason, now: later) == old)
        #expect(try await venue.store.session(old.id)?.hasEnded(reason) == true)
        #expect(try await venue.store.session(renewal.id)?.hasEnded(.replaced) == true)
        let valid = try await venue.store.validCoupons(of: venue.instance.id, now: later, page: ListPage())
        #expect(valid.map(\.id) == [renewal.couponID])
        #expect(try await venue.next(old.client, at: later) == .deauthorize(old.client))
        #expect(try await venue.store.confirmNext(for: venue.device(old.client), now: later))
    }

    @Test(arguments: StorageBackend.all, [GuestSession.EndReason.signedOut, .admin])
    func `the end of a session does not end an active session that was its renewal`(
        backend: StorageBackend, reason: GuestSession.EndReason
    ) async throws {
        let venue = try await Venue(backend)
        let old = try await venue.online(Venue.client(1))
        let renewal = try await venue.connect(old.client, at: later, owning: old.id)
        // The session moves to another device before the router confirms the renewal.
        let code = Resumption.Proof.code(try #require(venue.store.resumeCodes.code(of: old)))
        let moved = try await venue.store.resume(
            Resumption(
                proof: code, instanceID: venue.instance.id, siteID: venue.siteID, client: Venue.client(2), now: later))
        #expect(moved == .resumed(old))
        try await venue.store.confirmNext(for: venue.device(Venue.client(2)), now: later)
        while try await !venue.store.confirmNext(for: venue.device(old.client), now: later) {}
        let active = try #require(try await venue.store.session(renewal.id))
        #expect(active.status == .active && active.replaces == nil && active.ttl == Venue.ttl)
        // Earlier versions kept the id of the other session.
        _ = try await venue.database.write { connection in
            try connection.execute(
                "UPDATE sessions SET replaces = ?2 WHERE id = ?1", [.id(active.id), .id(old.id)])
        }
        let end = try await venue.store.end(old.id, reason: reason, now: later)
        #expect(end?.client == (try Venue.client(2)))
        #expect(try await venue.store.session(old.id)?.hasEnded(reason) == true)
        let other = try await venue.store.session(renewal.id)
        #expect(other?.status == .active && other?.endedAt == nil && other?.expiresAt == active.expiresAt)
        #expect(try await venue.pending().map(\.device) == [venue.device(try Venue.client(2))])
    }

    @Test(arguments: StorageBackend.all)
    func `an admin also ends a session that was signed out of and could return`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        let code = try await venue.coupons()[0].code
        guard case .accepted(let session) = try await venue.redeem(code, by: Venue.client(1)) else {
            throw Venue.Unexpected()
        }
        let device = venue.device(session.client)
        try await venue.store.confirmNext(for: device, now: Venue.now)
        _ = try await venue.store.end(session.id, reason: .signedOut, now: later)
        try await venue.store.confirmNext(for: device, now: later)
        let away = try #require(try await venue.store.session(session.id))
        #expect(away.canReturn(at: later))
        #expect(try await venue.store.end(session.id, reason: .signedOut, now: later + 1) == nil)
        #expect(try await venue.store.end(session.id, reason: .admin, now: away.expiresAt) == nil)
        #expect(try await venue.store.session(session.id) == away)
        #expect(try await venue.store.end(session.id, reason: .admin, now: later + 1) == away)
        let ended = try #require(try await venue.store.session(session.id))
        #expect(ended.hasEnded(.admin) && ended.endedAt == later + 1 && !ended.canReturn(at: later + 1))
        #expect(try await venue.redeem(code, by: session.client, at: later + 2) == .refused(.ended))
        let proof = Resumption.Proof.code(try #require(venue.store.resumeCodes.code(of: session)))
        let resumption = Resumption(
            proof: proof, instanceID: venue.instance.id, siteID: venue.siteID, client: session.client, now: later + 2)
        #expect(try await venue.store.resume(resumption) == .unknown)
        #expect(try await venue.store.end(session.id, reason: .admin, now: later + 2) == nil)
        #expect(try await venue.store.validCoupons(of: venue.instance.id, now: later, page: ListPage()).isEmpty)
    }

    @Test(arguments: StorageBackend.all, [GuestSession.EndReason.signedOut, .admin])
    func `the end of a connecting renewal has the active session confirmed again`(
        backend: StorageBackend, reason: GuestSession.EndReason
    ) async throws {
        let venue = try await Venue(backend)
        let old = try await venue.online(Venue.client(1))
        let renewal = try await venue.connect(old.client, at: later, owning: old.id)
        let begun = try await venue.grant(old.client, at: later)
        #expect(try await venue.store.end(renewal.id, reason: reason, now: later) == renewal)
        #expect(try await venue.store.session(renewal.id)?.hasEnded(reason) == true)
        let valid = try await venue.store.validCoupons(of: venue.instance.id, now: later, page: ListPage())
        #expect(valid.map(\.id) == (reason == .admin ? [] : [renewal.couponID]))
        var waiting = old
        waiting.awaitingSince = later
        #expect(try await venue.store.session(old.id) == waiting)
        let grant = AccessGrant(session: waiting, client: old.client, seconds: Venue.ttl - 600, purpose: .restore)
        #expect(try await venue.next(old.client, at: later) == .authorize(grant))
        #expect(venue.changes.all.last == .pending([venue.device(old.client)]))
        // The router's answer for the renewal changes nothing.
        #expect(try await !venue.store.confirm(begun, now: later))
        #expect(try await venue.next(old.client, at: later) == .authorize(grant))
        #expect(try await venue.store.confirm(grant, now: later))
        #expect(try await venue.store.session(old.id) == old)
        #expect(try await venue.pending().isEmpty)
    }

    @Test(arguments: StorageBackend.all)
    func `a connecting session that a guest leaves returns its coupon, one that the venue ends does not`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        let reasons: [GuestSession.EndReason] = [.signedOut, .admin, .instanceDeleted]
        var returned: [UUID?] = []
        for (number, reason) in reasons.enumerated() {
            let session = try await venue.connect(Venue.client(number))
            if reason == .signedOut { returned.append(session.couponID) }
            #expect(try await venue.store.end(session.id, reason: reason, now: later) == session)
            #expect(try await venue.next(session.client, at: later) == .deauthorize(session.client))
        }
        let valid = try await venue.store.validCoupons(of: venue.instance.id, now: later, page: ListPage())
        #expect(valid.map(\.id) == returned)
    }

    @Test(arguments: StorageBackend.all)
    func `the end of a session that is to move marks both devices`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let (old, client) = (try await venue.online(Venue.client(1)), try Venue.client(2))
        let code = Resumption.Proof.code(try #require(venue.store.resumeCodes.code(of: old)))
        let resumption = Resumption(
            proof: code, instanceID: venue.instance.id, siteID: venue.siteID, client: client, now: later)
        #expect(try await venue.store.resume(resumption) == .resumed(old))
        let grant = try await venue.grant(client, at: later)
        _ = try await venue.store.end(old.id, reason: .signedOut, now: later)
        #expect(try await venue.store.session(old.id)?.move == nil)
        for place in [old.client, client] {
            #expect(try await venue.next(place, at: later) == .deauthorize(place))
        }
        // The router's answer for the move changes nothing.
        #expect(try await !venue.store.confirm(grant, now: later))
        #expect(try await venue.store.session(old.id)?.client == old.client)
        for place in [old.client, client] {
            #expect(try await venue.store.confirmNext(for: venue.device(place), now: later))
        }
        #expect(try await venue.pending().isEmpty)
    }
}
