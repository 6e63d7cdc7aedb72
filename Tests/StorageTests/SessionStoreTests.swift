import Captive
import Foundation
import Testing

@testable import Storage

@Suite struct SessionStoreTests {
    private let later = Venue.now.addingTimeInterval(30)

    @Test(arguments: StorageBackend.all)
    func `confirmation makes a session active and starts its time`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let (session, order) = try await venue.connect(Venue.client(1))
        let active = try #require(try await venue.store.confirm(order, now: later))
        #expect(active.status == .active && active.authorizedAt == later)
        #expect(active.expiresAt == later.addingTimeInterval(Double(Venue.ttl)))
        #expect(try await venue.store.session(session.id) == active)
        #expect(try await venue.store.pendingOrders().isEmpty)
    }

    @Test(arguments: StorageBackend.all)
    func `a second confirmation leaves the times of an active session`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let active = try await venue.online(Venue.client(1))
        let order = try #require(try await venue.store.reauthorize(active.id, client: active.client, now: later))
        #expect(order.ttl == Venue.ttl - 30)
        #expect(try await venue.store.confirm(order, now: later) == active)
        #expect(try await venue.store.pendingOrders().isEmpty)
    }

    @Test(arguments: StorageBackend.all)
    func `a session that ended stays ended when its order is confirmed`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let (session, order) = try await venue.connect(Venue.client(1))
        let revoke = try #require(
            try await venue.store.end(session.id, as: .disconnected, reason: .signedOut, now: later))
        let ended = try await venue.store.confirm(order, now: later)
        #expect(ended?.status == .disconnected && ended?.reason == "signed_out" && ended?.endedAt == later)
        #expect(revoke.kind == .revoke && revoke.ttl == 0 && revoke.client == session.client)
        #expect(try await venue.store.pendingOrders() == [revoke])
        #expect(try await venue.store.end(session.id, as: .disconnected, reason: nil, now: later) == nil)
    }

    @Test(arguments: StorageBackend.all)
    func `a refusal by the router gives the coupon back`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let coupon = try await venue.coupons()[0]
        guard case .accepted(_, let order) = try await venue.redeem(coupon.code, by: Venue.client(1)) else {
            throw Venue.Unexpected()
        }
        let end = try await venue.store.fail(order, reason: "device_not_seen", mayHaveBegun: false, now: later)
        #expect(end == .done(instead: nil))
        let failed = try await venue.store.session(order.sessionID)
        #expect(failed?.status == .failed && failed?.reason == "device_not_seen" && failed?.endedAt == later)
        #expect(try await venue.store.pendingOrders().isEmpty)
        #expect(
            try await venue.store.validCoupons(of: venue.instance.id, now: later, page: ListPage()) == [coupon])
        guard case .accepted = try await venue.redeem(coupon.code, by: Venue.client(2)) else {
            throw Venue.Unexpected()
        }
    }

    @Test(arguments: StorageBackend.all)
    func `a stay that was confirmed keeps its time and its order when the router fails later`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        let active = try await venue.online(Venue.client(1))
        let order = try #require(try await venue.store.reauthorize(active.id, client: active.client, now: later))
        for reason in ["router_full", "device_not_seen", "device_mismatch"] {
            let end = try await venue.store.fail(order, reason: reason, mayHaveBegun: true, now: later)
            #expect(end == .kept)
        }
        #expect(try await venue.store.session(active.id) == active)
        #expect(try await venue.store.pendingOrders() == [order])
        #expect(try await venue.store.validCoupons(of: venue.instance.id, now: later, page: ListPage()).isEmpty)
    }

    @Test(arguments: StorageBackend.all)
    func `a guest who is caught again while an order waits gets no second one`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let active = try await venue.online(Venue.client(1))
        let order = try await venue.store.reauthorize(active.id, client: active.client, now: later)
        #expect(try await venue.store.reauthorize(active.id, client: active.client, now: later + 5) == order)
        #expect(try await venue.store.pendingOrders() == [try #require(order)])
    }

    @Test(arguments: StorageBackend.all)
    func `an order of a stay whose time is over is done with, and the stay expires`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        let active = try await venue.online(Venue.client(1))
        let order = try #require(try await venue.store.reauthorize(active.id, client: active.client, now: later))
        let end = try await venue.store.fail(
            order, reason: "router_unreachable", mayHaveBegun: true, now: active.expiresAt)
        #expect(end == .done(instead: nil))
        _ = try await venue.store.expireSessions(now: active.expiresAt, limit: 10)
        #expect(try await venue.store.session(active.id)?.status == .expired)
    }

    @Test(arguments: StorageBackend.all)
    func `what a router may have begun before it refused is taken back`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let (session, order) = try await venue.connect(Venue.client(1))
        let end = try await venue.store.fail(order, reason: "router_refused", mayHaveBegun: true, now: later)
        let pending = try await venue.store.pendingOrders()
        #expect(pending.map(\.kind) == [.revoke] && pending.map(\.client) == [session.client])
        #expect(end == .done(instead: pending.first))
    }

    @Test(arguments: StorageBackend.all)
    func `an order that was replaced neither confirms nor fails the session`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let (session, old) = try await venue.connect(Venue.client(1))
        let moved = try Venue.client(1, host: 77)
        let new = try #require(try await venue.store.reauthorize(session.id, client: moved, now: later))
        #expect(try await venue.store.confirm(old, now: later)?.status == .connecting)
        let end = try await venue.store.fail(old, reason: "refused", mayHaveBegun: true, now: later)
        #expect(end == .done(instead: nil))
        #expect(try await venue.store.session(session.id)?.status == .connecting)
        #expect(try await venue.store.pendingOrders() == [new])
        #expect(try await venue.store.session(session.id)?.client == moved)
        #expect(new.ttl == Venue.ttl)
    }

    @Test(arguments: StorageBackend.all)
    func `running sessions are found by address and by site until their time is over`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        let one = try await venue.online(Venue.client(1))
        let two = try await venue.online(Venue.client(2))
        let gone = try await venue.online(Venue.client(3))
        _ = try await venue.store.end(gone.id, as: .disconnected, reason: nil, now: later)
        let here = { try await venue.store.runningSessions(at: $0, atSite: venue.siteID, now: later) }
        #expect(try await here(one.client.ip) == [one])
        #expect(try await here(gone.client.ip).isEmpty)
        #expect(try await venue.store.runningSessions(at: one.client.ip, atSite: UUID(), now: later).isEmpty)
        let atSite = try await venue.store.runningSessions(atSite: venue.siteID, now: later)
        #expect(Set(atSite.map(\.id)) == [one.id, two.id])
        #expect(try await venue.store.runningSessions(atSite: venue.siteID, now: one.expiresAt).isEmpty)
    }

    @Test(arguments: StorageBackend.all)
    func `sessions whose time is over expire with an order each, oldest first and no more than asked`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        var sessions: [GuestSession] = []
        for index in 0..<3 {
            sessions.append(
                try await venue.online(Venue.client(index), at: Venue.now.addingTimeInterval(Double(index))))
        }
        let end = sessions[1].expiresAt
        let first = try await venue.store.expireSessions(now: end, limit: 1)
        let rest = try await venue.store.expireSessions(now: end, limit: 10)
        #expect(first.map(\.sessionID) == [sessions[0].id] && rest.map(\.sessionID) == [sessions[1].id])
        #expect(try await venue.store.session(sessions[0].id)?.status == .expired)
        #expect(try await venue.store.session(sessions[2].id)?.status == .active)
        #expect(Set(try await venue.store.pendingOrders().map(\.id)) == Set((first + rest).map(\.id)))
    }

    @Test(arguments: StorageBackend.all)
    func `a guest who was never let in has the coupon back when the time is over`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        let (session, _) = try await venue.connect(Venue.client(1))
        _ = try await venue.store.expireSessions(now: session.expiresAt, limit: 10)
        let valid = try await venue.store.validCoupons(of: venue.instance.id, now: session.expiresAt, page: ListPage())
        #expect(valid.map(\.id) == [session.couponID])
    }

    @Test(arguments: StorageBackend.all)
    func `the latest session of a device is the active one, else the newest`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let client = try Venue.client(1)
        let active = try await venue.online(client)
        let (new, _) = try await venue.connect(client, at: later, owning: active.id)
        #expect(try await venue.store.latestSession(of: client.mac, at: venue.siteID)?.id == active.id)
        _ = try await venue.store.expireSessions(now: active.expiresAt, limit: 1)
        #expect(try await venue.store.latestSession(of: client.mac, at: venue.siteID)?.id == new.id)
        #expect(try await venue.store.latestSession(of: client.mac, at: UUID()) == nil)
    }

    @Test(arguments: StorageBackend.all)
    func `a finished order is not delivered again`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let (session, order) = try await venue.connect(Venue.client(1))
        try await venue.store.finish(order)
        #expect(try await venue.store.pendingOrders().isEmpty)
        #expect(try await venue.store.session(session.id) == session)
    }
}
