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
        let (_, order) = try await venue.connect(old.client, at: later, owning: old.id)
        #expect(try await venue.store.due(order, now: later) == .grant(2 * Venue.ttl - 600))
        let renewed = try await venue.store.confirm(order, now: later)
        #expect(renewed?.expiresAt == old.expiresAt.addingTimeInterval(Double(Venue.ttl)))
        let running = try await venue.store.runningSessions(atSite: venue.siteID, now: later)
        #expect(running == [try #require(renewed)])
    }

    @Test(arguments: StorageBackend.all)
    func `a renewal that the router refuses leaves the time that is left and gives the coupon back`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        let old = try await venue.online(Venue.client(1))
        let (renewal, order) = try await venue.connect(old.client, at: later, owning: old.id)
        let end = try await venue.store.fail(order, reason: "router_full", mayHaveBegun: true, now: later)
        #expect(try await venue.store.session(old.id) == old)
        // The try has taken the stay's place on the router.
        let pending = try await venue.store.pendingOrders()
        #expect(pending.map(\.sessionID) == [old.id] && pending.map(\.ttl) == [Venue.ttl - 600])
        #expect(end == .done(instead: pending.first))
        let valid = try await venue.store.validCoupons(of: venue.instance.id, now: later, page: ListPage())
        #expect(valid.map(\.id) == [renewal.couponID])
    }

    @Test(arguments: StorageBackend.all)
    func `a renewal goes on while the stay before it is let in again`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let old = try await venue.online(Venue.client(1))
        let (renewal, _) = try await venue.connect(old.client, at: later, owning: old.id)
        let again = try #require(
            try await venue.store.reauthorize(old.id, client: Venue.client(1, host: 9), now: later))
        _ = try await venue.store.confirm(again, now: later)
        #expect(try await venue.store.session(renewal.id) == renewal)
    }

    @Test(arguments: StorageBackend.all)
    func `time is not carried over from a stay that has ended, nor from another site's`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        let client = try Venue.client(1)
        let ended = try await venue.online(client)
        _ = try await venue.store.end(ended.id, as: .disconnected, reason: .signedOut, now: later)
        let (_, order) = try await venue.connect(client, at: later)
        #expect(order.ttl == Venue.ttl)
        _ = try await venue.store.confirm(order, now: later)
        let otherSite = UUID()
        let elsewhere = Redemption(
            code: try await venue.coupons(now: later)[0].code, instance: venue.instance, siteID: otherSite,
            client: client, device: nil, now: later)
        guard case .accepted(_, let second) = try await venue.store.redeem(elsewhere) else { throw Venue.Unexpected() }
        #expect(second.ttl == Venue.ttl)
        _ = try await venue.store.confirm(second, now: later)
        for site in [venue.siteID, otherSite] {
            #expect(try await venue.store.runningSessions(at: client.ip, atSite: site, now: later).count == 1)
        }
    }
}
