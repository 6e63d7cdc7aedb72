import Captive
import Foundation
import Testing

@testable import Storage

/// A guest who enters another coupon before the first one's time is over.
@Suite struct RenewalStoreTests {
    private let later = Venue.now.addingTimeInterval(600)

    @Test(arguments: StorageBackend.all)
    func `a new coupon's time is added to what is left`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let old = try await venue.online(Venue.client(1))
        let renewal = try await venue.connect(old.client, at: later, owning: old.id)
        let grant = try await venue.grant(old.client, at: later)
        #expect(grant.session == renewal && grant.purpose == .begin && grant.seconds == 2 * Venue.ttl - 600)
        #expect(try await venue.store.confirm(grant, now: later))
        let renewed = try await venue.store.session(renewal.id)
        #expect(renewed?.status == .active && renewed?.ttl == 2 * Venue.ttl - 600)
        #expect(renewed?.expiresAt == old.expiresAt.addingTimeInterval(Double(Venue.ttl)))
        let running = try await venue.store.runningSessions(atSite: venue.siteID, now: later)
        #expect(running == [try #require(renewed)])
    }

    @Test(arguments: StorageBackend.all)
    func `a renewal that the router refuses leaves the time that is left, and its coupon is returned`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        let old = try await venue.online(Venue.client(1))
        let renewal = try await venue.connect(old.client, at: later, owning: old.id)
        let grant = try await venue.grant(old.client, at: later)
        #expect(try await !venue.store.refuse(grant, reason: "router_full", mayHaveBegun: true, now: later))
        let failed = try await venue.store.session(renewal.id)
        #expect(failed?.status == .failed && failed?.reason == "router_full" && failed?.endedAt == later)
        let valid = try await venue.store.validCoupons(of: venue.instance.id, now: later, page: ListPage())
        #expect(valid.map(\.id) == [renewal.couponID])
        // The attempt may have replaced the earlier session on the router.
        var waiting = old
        waiting.awaitingSince = later
        #expect(try await venue.store.session(old.id) == waiting)
        let restored = try await venue.grant(old.client, at: later)
        #expect(restored.session == waiting && restored.purpose == .restore && restored.seconds == Venue.ttl - 600)
        #expect(try await venue.pending().map(\.revokeUntil) == [nil])
        #expect(try await venue.store.confirm(restored, now: later))
        #expect(try await venue.store.session(old.id) == old)
    }

    @Test(arguments: StorageBackend.all)
    func `a renewal continues while the session before it is restored`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let old = try await venue.online(Venue.client(1))
        let renewal = try await venue.connect(old.client, at: later, owning: old.id)
        _ = try await venue.store.recapture(old.id, at: Venue.client(1, host: 9), now: later)
        let grant = try await venue.grant(old.client, at: later)
        #expect(grant.session.id == old.id && grant.purpose == .restore)
        #expect(try await !venue.store.confirm(grant, now: later))
        #expect(try await venue.store.session(renewal.id) == renewal)
        #expect(try await venue.grant(old.client, at: later).session == renewal)
    }

    @Test(arguments: StorageBackend.all)
    func `time is not carried over from a session that has ended, nor from another site's`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        let client = try Venue.client(1)
        let ended = try await venue.online(client)
        _ = try await venue.store.end(ended.id, reason: .signedOut, now: later)
        let first = try await venue.connect(client, at: later)
        #expect(try await !venue.store.confirmNext(for: venue.device(client), now: later), "the revocation is first")
        let grant = try await venue.grant(client, at: later)
        #expect(grant.session == first && grant.seconds == Venue.ttl)
        #expect(try await venue.store.confirm(grant, now: later))
        #expect(try await venue.store.session(first.id)?.ttl == Venue.ttl)
        let otherSite = UUID()
        let elsewhere = Redemption(
            code: try await venue.coupons(now: later)[0].code, instance: venue.instance, siteID: otherSite,
            client: client, device: nil, now: later)
        guard case .accepted(let second) = try await venue.store.redeem(elsewhere) else { throw Venue.Unexpected() }
        let begin = AccessGrant(session: second, client: client, seconds: Venue.ttl, purpose: .begin)
        #expect(try await venue.store.state(of: second.siteDevice).next(at: later) == .authorize(begin))
        #expect(try await venue.store.confirm(begin, now: later))
        for site in [venue.siteID, otherSite] {
            #expect(try await venue.store.runningSessions(at: client.ip, atSite: site, now: later).count == 1)
        }
    }
}
