import Captive
import Foundation
import Synchronization
import Testing

@testable import Storage

@Suite struct CouponStoreTests {
    @Test(arguments: StorageBackend.all)
    func `pages of equally old coupons neither repeat nor lose one`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let made = try await venue.coupons(25) + venue.coupons(10, now: Venue.now.addingTimeInterval(60))
        var seen: [Coupon] = []
        var page = ListPage(limit: 10)
        while true {
            let part = try await venue.store.validCoupons(of: venue.instance.id, now: Venue.now, page: page)
            seen += part
            guard let last = part.last else { break }
            #expect(part.count <= 10)
            page.after = .init(createdAt: last.createdAt, id: last.id)
        }
        #expect(seen.count == made.count && Set(seen.map(\.id)) == Set(made.map(\.id)))
        #expect(seen.map(\.createdAt) == seen.map(\.createdAt).sorted(by: >))
    }

    @Test(arguments: StorageBackend.all)
    func `the code of a valid coupon is not used again`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let taken = try await venue.coupons()[0].code
        let free = try #require(CouponCode(typed: "ABC-DEF"))
        let yields = Mutex([free, taken, taken])
        let made = try await venue.store.createCoupons(
            1, for: venue.instance.id, scheduleID: nil, expiresAt: Venue.now.addingTimeInterval(60), now: Venue.now
        ) { yields.withLock { $0.popLast() ?? free } }
        #expect(made.map(\.code) == [free])
    }

    @Test(arguments: StorageBackend.all)
    func `a generator that yields only taken codes creates no coupon`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let code = try #require(CouponCode(typed: "ABCDEF"))
        await #expect(throws: StoreError.self) {
            try await venue.store.createCoupons(
                2, for: venue.instance.id, scheduleID: nil, expiresAt: Venue.now.addingTimeInterval(60), now: Venue.now
            ) { code }
        }
        #expect(try await venue.store.validCoupons(of: venue.instance.id, now: Venue.now, page: ListPage()).isEmpty)
    }

    @Test(arguments: StorageBackend.all)
    func `a coupon is deleted from its own instance only`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let coupon = try await venue.coupons()[0]
        #expect(try await venue.store.deleteCoupon(coupon.id, of: UUID()) == false)
        #expect(try await venue.store.deleteCoupon(coupon.id, of: venue.instance.id))
        #expect(try await venue.store.deleteCoupon(coupon.id, of: venue.instance.id) == false)
        #expect(try await venue.redeem(coupon.code, by: Venue.client(1)) == .refused(.wrong))
    }

    @Test(arguments: StorageBackend.all)
    func `an unknown instance gets no coupons`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let stranger = try Venue.instance(at: venue.siteID)
        await #expect(throws: StoreError.notFound) { try await venue.coupons(of: stranger) }
    }

    private func forget(_ venue: Venue, limit: Int = 10, after seconds: Double) async throws -> Int {
        try await venue.store.deleteCoupons(expiredBefore: Venue.now + seconds, limit: limit)
    }

    @Test(arguments: StorageBackend.all)
    func `coupons that expired long ago are deleted, oldest first`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let old = try await venue.coupons(2, validFor: 60)
        let younger = try await venue.coupons(validFor: 120)[0]
        let valid = try await venue.coupons(validFor: 600)[0]
        #expect(try await forget(venue, after: 60) == 0)
        #expect(try await forget(venue, limit: 1, after: 500) == 1)
        #expect(try await forget(venue, limit: 1, after: 500) == 1)
        #expect(try await venue.redeem(old[0].code, by: Venue.client(1), at: Venue.now + 500) == .refused(.wrong))
        #expect(try await venue.redeem(younger.code, by: Venue.client(1), at: Venue.now + 500) == .refused(.expired))
        #expect(try await forget(venue, after: 500) == 1)
        #expect(try await forget(venue, after: 500) == 0)
        #expect(
            try await venue.store.validCoupons(of: venue.instance.id, now: Venue.now, page: ListPage()) == [valid])
    }

    @Test(arguments: StorageBackend.all)
    func `a redeemed coupon is kept while its session runs`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let session = try await venue.online(Venue.client(1))
        #expect(try await forget(venue, after: 1_000_000) == 0)
        _ = try await venue.store.end(session.id, reason: .admin, now: Venue.now + 10)
        #expect(try await forget(venue, after: 1_000_000) == 1)
        #expect(try await venue.store.session(session.id)?.couponID == session.couponID)
    }

    @Test(arguments: StorageBackend.all)
    func `the coupons of a schedule's last run are kept for its tally`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let schedule = try await venue.schedule(count: 3)
        _ = try await venue.runDue(schedule)
        #expect(try await forget(venue, after: 1_000_000) == 0)
        #expect(try await venue.found(schedule, at: Venue.now + 1_000_000)?.tally.generated == 3)
        _ = try await venue.runDue(schedule, at: Venue.firstRun + 86_400)
        #expect(try await forget(venue, after: 1_000_000) == 3)
        #expect(try await venue.found(schedule, at: Venue.now + 1_000_000)?.tally.generated == 3)
    }
}
