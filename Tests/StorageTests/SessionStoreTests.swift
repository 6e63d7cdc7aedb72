import Captive
import Foundation
import Testing

@testable import Storage

@Suite struct SessionStoreTests {
    private let later = Venue.now.addingTimeInterval(30)

    @Test(arguments: StorageBackend.all)
    func `confirmation makes a session active and starts its time`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let session = try await venue.connect(Venue.client(1))
        let grant = try await venue.grant(session.client, at: later)
        #expect(grant == AccessGrant(session: session, client: session.client, seconds: Venue.ttl, purpose: .begin))
        #expect(try await venue.store.confirm(grant, now: later))
        let active = try #require(try await venue.store.session(session.id))
        #expect(active.status == .active && active.authorizedAt == later)
        #expect(active.expiresAt == later.addingTimeInterval(Double(Venue.ttl)))
        #expect(try await venue.store.state(of: venue.device(session.client)).sessions == [active])
        #expect(try await venue.pending().isEmpty)
    }

    @Test(arguments: StorageBackend.all)
    func `a second confirmation leaves the times of an active session`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let active = try await venue.online(Venue.client(1))
        let waiting = try #require(try await venue.store.recapture(active.id, at: active.client, now: later))
        #expect(waiting.awaitingSince == later)
        let grant = try await venue.grant(active.client, at: later)
        #expect(grant.purpose == .restore && grant.seconds == Venue.ttl - 30)
        #expect(try await venue.store.confirm(grant, now: later))
        #expect(try await venue.store.session(active.id) == active)
        #expect(try await venue.pending().isEmpty)
    }

    @Test(arguments: StorageBackend.all)
    func `a session that ended stays ended when its grant is confirmed`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let session = try await venue.connect(Venue.client(1))
        let (device, grant) = (venue.device(session.client), try await venue.grant(session.client))
        #expect(try await venue.store.end(session.id, reason: .signedOut, now: later) == session)
        #expect(try await !venue.store.confirm(grant, now: later), "the device is to be disconnected")
        let ended = try await venue.store.session(session.id)
        #expect(ended?.status == .disconnected && ended?.reason == "signed_out" && ended?.endedAt == later)
        #expect(try await venue.next(session.client, at: later) == .deauthorize(session.client))
        let revocation = PendingDevice(
            device: device, ip: session.client.ip, since: Venue.now, revokeUntil: session.expiresAt + 86_400)
        #expect(try await venue.pending() == [revocation])
        #expect(try await venue.store.end(session.id, reason: .signedOut, now: later) == nil)
        #expect(try await venue.store.confirmRevocation(of: device, now: later))
        #expect(try await venue.pending().isEmpty)
    }

    @Test(arguments: StorageBackend.all)
    func `a refusal by the router returns the coupon`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let coupon = try await venue.coupons()[0]
        guard case .accepted(let session) = try await venue.redeem(coupon.code, by: Venue.client(1)) else {
            throw Venue.Unexpected()
        }
        let grant = try await venue.grant(session.client)
        #expect(try await venue.store.refuse(grant, reason: "device_not_seen", mayHaveBegun: false, now: later))
        let failed = try await venue.store.session(session.id)
        #expect(failed?.status == .failed && failed?.reason == "device_not_seen" && failed?.endedAt == later)
        #expect(try await venue.pending().isEmpty)
        #expect(
            try await venue.store.validCoupons(of: venue.instance.id, now: later, page: ListPage()) == [coupon])
        guard case .accepted = try await venue.redeem(coupon.code, by: Venue.client(2)) else {
            throw Venue.Unexpected()
        }
    }

    @Test(arguments: StorageBackend.all)
    func `a session that was confirmed keeps its time and its mark when the router fails later`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        let active = try await venue.online(Venue.client(1))
        let waiting = try #require(try await venue.store.recapture(active.id, at: active.client, now: later))
        let (grant, marks) = (try await venue.grant(active.client, at: later), try await venue.pending())
        for reason in ["router_full", "device_not_seen", "device_mismatch"] {
            #expect(try await !venue.store.refuse(grant, reason: reason, mayHaveBegun: true, now: later))
        }
        #expect(try await venue.store.session(active.id) == waiting)
        #expect(waiting.status == .active && waiting.expiresAt == active.expiresAt)
        #expect(try await venue.pending() == marks && marks.count == 1)
        #expect(try await venue.next(active.client, at: later) == .authorize(grant))
        #expect(try await venue.store.validCoupons(of: venue.instance.id, now: later, page: ListPage()).isEmpty)
    }

    @Test(arguments: StorageBackend.all)
    func `a guest who is intercepted again while the device waits changes nothing`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        let active = try await venue.online(Venue.client(1))
        let waiting = try await venue.store.recapture(active.id, at: active.client, now: later)
        let (marks, changes) = (try await venue.pending(), venue.changes.all.count)
        #expect(try await venue.store.recapture(active.id, at: active.client, now: later + 5) == waiting)
        #expect(try await venue.pending() == marks && marks.count == 1)
        #expect(venue.changes.all.count == changes && venue.changes.all.last == .pending([marks[0].device]))
    }

    @Test(arguments: StorageBackend.all)
    func `a session is recaptured only while it runs, and on its own device`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let (active, connecting) = (try await venue.online(Venue.client(1)), try await venue.connect(Venue.client(2)))
        let gone = try await venue.online(Venue.client(3))
        _ = try await venue.store.end(gone.id, reason: .signedOut, now: Venue.now)
        let (marks, changes) = (try await venue.pending(), venue.changes.all.count)
        for session in [active, connecting] {
            #expect(try await venue.store.recapture(session.id, at: Venue.client(9), now: later) == nil)
            #expect(try await venue.store.recapture(session.id, at: gone.client, now: later) == nil)
            #expect(try await venue.store.session(session.id) == session)
        }
        #expect(try await venue.store.recapture(gone.id, at: gone.client, now: later) == nil)
        #expect(try await venue.store.recapture(active.id, at: active.client, now: active.expiresAt) == nil)
        #expect(try await venue.store.recapture(UUID(), at: active.client, now: later) == nil)
        #expect(try await venue.pending() == marks && venue.changes.all.count == changes)
    }

    @Test(arguments: StorageBackend.all)
    func `a refusal after the session's time settles the device, and the session expires`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        let active = try await venue.online(Venue.client(1))
        _ = try await venue.store.recapture(active.id, at: active.client, now: later)
        let grant = try await venue.grant(active.client, at: later)
        #expect(
            try await venue.store.refuse(
                grant, reason: "router_unreachable", mayHaveBegun: true, now: active.expiresAt))
        #expect(try await venue.pending().isEmpty)
        #expect(try await venue.store.expireSessions(now: active.expiresAt, limit: 10) == 1)
        #expect(try await venue.store.session(active.id)?.status == .expired)
    }

    @Test(arguments: StorageBackend.all)
    func `what a router may hold of a session that it refused is revoked`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let session = try await venue.connect(Venue.client(1))
        let grant = try await venue.grant(session.client)
        #expect(try await !venue.store.refuse(grant, reason: "router_refused", mayHaveBegun: true, now: later))
        #expect(try await venue.store.session(session.id)?.status == .failed)
        #expect(try await venue.next(session.client, at: later) == .deauthorize(session.client))
        #expect(try await venue.pending().map(\.revokeUntil) == [session.expiresAt + 86_400])
        #expect(try await venue.store.confirmRevocation(of: grant.device, now: later))
        #expect(try await venue.pending().isEmpty)
    }

    @Test(arguments: StorageBackend.all)
    func `a grant for an earlier address neither confirms nor fails the session`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        let session = try await venue.connect(Venue.client(1))
        let (old, moved) = (try await venue.grant(session.client), try Venue.client(1, host: 77))
        let waiting = try #require(try await venue.store.recapture(session.id, at: moved, now: later))
        #expect(waiting.status == .connecting && waiting.client == moved)
        #expect(try await !venue.store.refuse(old, reason: "device_mismatch", mayHaveBegun: false, now: later))
        #expect(try await venue.store.session(session.id) == waiting)
        let new = AccessGrant(session: waiting, client: moved, seconds: Venue.ttl, purpose: .begin)
        #expect(try await venue.next(moved, at: later) == .authorize(new))
        // The router may hold the earlier address, which is removed first.
        #expect(try await !venue.store.confirm(old, now: later))
        #expect(try await venue.store.session(session.id) == waiting)
        #expect(try await venue.next(moved, at: later) == .deauthorize(session.client))
        #expect(try await !venue.store.confirmRevocation(of: old.device, now: later))
        #expect(try await venue.next(moved, at: later) == .authorize(new))
        #expect(try await venue.store.confirm(new, now: later))
    }

    @Test(arguments: StorageBackend.all)
    func `a session that may not replace the device's active one is refused as occupied`(
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
        let other = try await venue.connect(session.client, at: later)
        guard case .resumed(let back) = try await venue.redeem(code, by: session.client, at: later) else {
            throw Venue.Unexpected()
        }
        guard case .refuse(let grant) = try await venue.next(session.client, at: later) else {
            throw Venue.Unexpected()
        }
        #expect(grant.session == other)
        #expect(try await !venue.store.refuse(grant, reason: "occupied", mayHaveBegun: false, now: later))
        let failed = try await venue.store.session(other.id)
        #expect(failed?.status == .failed && failed?.reason == "occupied" && failed?.endedAt == later)
        let valid = try await venue.store.validCoupons(of: venue.instance.id, now: later, page: ListPage())
        #expect(valid.map(\.id) == [other.couponID])
        #expect(try await venue.store.session(session.id) == back)
        let restored = try await venue.grant(session.client, at: later)
        #expect(restored.session == back && restored.purpose == .restore)
        #expect(try await venue.store.confirm(restored, now: later))
    }

    @Test(arguments: StorageBackend.all)
    func `running sessions are found by address and by site until their time is over`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        let one = try await venue.online(Venue.client(1))
        let two = try await venue.online(Venue.client(2))
        let gone = try await venue.online(Venue.client(3))
        _ = try await venue.store.end(gone.id, reason: .admin, now: later)
        let here = { try await venue.store.runningSessions(at: $0, atSite: venue.siteID, now: later) }
        #expect(try await here(one.client.ip) == [one])
        #expect(try await here(gone.client.ip).isEmpty)
        #expect(try await venue.store.runningSessions(at: one.client.ip, atSite: UUID(), now: later).isEmpty)
        let atSite = try await venue.store.runningSessions(atSite: venue.siteID, now: later)
        #expect(Set(atSite.map(\.id)) == [one.id, two.id])
        #expect(try await venue.store.runningSessions(atSite: venue.siteID, now: one.expiresAt).isEmpty)
    }

    @Test(arguments: StorageBackend.all)
    func `sessions whose time is over expire and mark their devices, oldest first and at most as many as asked`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        var sessions: [GuestSession] = []
        for index in 0..<3 {
            sessions.append(
                try await venue.online(Venue.client(index), at: Venue.now.addingTimeInterval(Double(index))))
        }
        let (end, devices) = (sessions[1].expiresAt, sessions.map { venue.device($0.client) })
        #expect(try await venue.store.expireSessions(now: end, limit: 1) == 1)
        #expect(venue.changes.all.last == .pending([devices[0]]))
        #expect(try await venue.store.expireSessions(now: end, limit: 10) == 1)
        #expect(venue.changes.all.last == .pending([devices[1]]))
        for session in sessions.prefix(2) {
            #expect(try await venue.store.session(session.id)?.status == .expired)
            #expect(try await venue.next(session.client, at: end) == .deauthorize(session.client))
        }
        #expect(try await venue.store.session(sessions[2].id)?.status == .active)
        let marks = try await venue.pending()
        #expect(Set(marks.map(\.device)) == Set(devices.prefix(2)))
        #expect(marks.allSatisfy { $0.since == end && $0.revokeUntil == end + 86_400 })
    }

    @Test(arguments: StorageBackend.all)
    func `a connecting session whose time is over fails, its coupon is returned and its device disconnected`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        let session = try await venue.connect(Venue.client(1))
        #expect(try await venue.store.expireSessions(now: session.expiresAt - 1, limit: 10) == 0)
        #expect(try await venue.store.expireSessions(now: session.expiresAt, limit: 10) == 1)
        let failed = try await venue.store.session(session.id)
        #expect(failed?.status == .failed && failed?.reason == "router_unreachable")
        #expect(failed?.endedAt == session.expiresAt && failed?.authorizedAt == nil)
        let valid = try await venue.store.validCoupons(of: venue.instance.id, now: session.expiresAt, page: ListPage())
        #expect(valid.map(\.id) == [session.couponID])
        #expect(try await venue.next(session.client, at: session.expiresAt) == .deauthorize(session.client))
    }

    @Test(arguments: StorageBackend.all)
    func `the latest session of a device is the active one, else the newest`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let client = try Venue.client(1)
        let active = try await venue.online(client)
        let new = try await venue.connect(client, at: later, owning: active.id)
        #expect(try await venue.store.latestSession(of: client.mac, at: venue.siteID)?.id == active.id)
        _ = try await venue.store.expireSessions(now: active.expiresAt, limit: 1)
        #expect(try await venue.store.latestSession(of: client.mac, at: venue.siteID)?.id == new.id)
        #expect(try await venue.store.latestSession(of: client.mac, at: UUID()) == nil)
    }

    @Test(arguments: StorageBackend.all)
    func `a mark is deleted when nothing is left to do, and not before`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let session = try await venue.connect(Venue.client(1))
        let (device, marks) = (venue.device(session.client), try await venue.pending())
        #expect(try await !venue.store.settle(device, now: later))
        #expect(try await venue.pending() == marks && marks.count == 1)
        #expect(try await venue.store.session(session.id) == session)
        _ = try await venue.store.end(session.id, reason: .admin, now: later)
        let until = session.expiresAt + 86_400
        #expect(try await !venue.store.settle(device, now: until - 1))
        #expect(try await venue.store.settle(device, now: until), "the revocation is given up")
        #expect(try await venue.pending().isEmpty)
        #expect(try await venue.store.settle(device, now: until))
    }
}
