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
    func `a code that a valid coupon has is not given out again`(backend: StorageBackend) async throws {
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
    func `a generator that yields only taken codes makes no coupon at all`(backend: StorageBackend) async throws {
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
}
