import Captive
import Foundation
import Testing

@testable import Storage

@Suite struct RedemptionStoreTests {
    @Test(arguments: StorageBackend.all)
    func `a valid code makes a connecting session and an order`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let coupon = try #require(try await venue.coupons().first)
        let client = try Venue.client(1)
        let outcome = try await venue.redeem(coupon.code, by: client)
        guard case .accepted(let session, let order) = outcome else { throw Venue.Unexpected() }
        #expect(session.status == .connecting && session.couponID == coupon.id && session.client == client)
        #expect(session.expiresAt == Venue.now.addingTimeInterval(Double(Venue.ttl)))
        #expect(order.kind == .authorize && order.ttl == Venue.ttl && order.deadline == session.expiresAt)
        #expect(try await venue.store.session(session.id) == session)
        #expect(try await venue.store.pendingOrders() == [order])
        #expect(try await venue.store.validCoupons(of: venue.instance.id, now: Venue.now, page: ListPage()).isEmpty)
    }

    @Test(arguments: StorageBackend.all)
    func `a code is refused as wrong, used, expired or foreign and changes nothing`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        let other = try Venue.instance(at: venue.siteID, "10.0.1.0/24")
        let stranger = try Venue.instance(at: UUID(), "10.0.0.0/24", in: try #require(Workspace(rawValue: "other")))
        try await venue.store.create(other)
        try await venue.store.create(stranger)
        let used = try await venue.coupons()[0].code
        _ = try await venue.redeem(used, by: Venue.client(1))
        let expired = try await venue.coupons(validFor: -1)[0].code
        let foreign = try await venue.coupons(of: other)[0].code
        let hidden = try await venue.coupons(of: stranger)[0].code
        let orders = try await venue.store.pendingOrders()
        let client = try Venue.client(2)
        #expect(try await venue.redeem(used, by: client) == .refused(.inUse))
        #expect(try await venue.redeem(expired, by: client) == .refused(.expired))
        #expect(try await venue.redeem(foreign, by: client) == .refused(.foreign))
        #expect(try await venue.redeem(hidden, by: client) == .refused(.wrong))
        #expect(try await venue.store.pendingOrders() == orders)
        #expect(try await venue.store.latestSession(of: client.mac, at: venue.siteID) == nil)
    }

    @Test(arguments: StorageBackend.all)
    func `the same device resumes its session at its new address with the time left`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        let code = try await venue.coupons()[0].code
        guard case .accepted(let session, let first) = try await venue.redeem(code, by: Venue.client(1)) else {
            throw Venue.Unexpected()
        }
        _ = try await venue.store.confirm(first, now: Venue.now)
        let moved = try Venue.client(1, host: 99)
        let later = Venue.now.addingTimeInterval(600)
        #expect(try await venue.redeem(code, by: moved, at: later) == .mustBeKnown)
        guard
            case .resumed(let resumed, let order) = try await venue.redeem(
                code, by: moved, at: later, Ownership(isKnown: true))
        else { throw Venue.Unexpected() }
        #expect(resumed.id == session.id && resumed.client == moved && resumed.status == .active)
        #expect(order.ttl == Venue.ttl - 600 && order.client == moved)
        #expect(try await venue.store.session(session.id) == resumed)
        #expect(try await venue.store.pendingOrders() == [order])
    }

    @Test(arguments: StorageBackend.all)
    func `a second try of a device takes the place of its first, whose coupon is given back`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        let (old, _) = try await venue.connect(Venue.client(1))
        let (_, neighbour) = try await venue.connect(Venue.client(2))
        let (new, order) = try await venue.connect(
            Venue.client(1), at: Venue.now.addingTimeInterval(1), owning: old.id)
        let ended = try await venue.store.session(old.id)
        #expect(ended?.status == .disconnected && ended?.reason == "replaced" && ended?.endedAt == new.createdAt)
        #expect(try await venue.store.pendingOrders() == [neighbour, order])
        let valid = try await venue.store.validCoupons(of: venue.instance.id, now: new.createdAt, page: ListPage())
        #expect(valid.map(\.id) == [old.couponID])
    }

    @Test(arguments: StorageBackend.all)
    func `a running session is replaced when the router confirms the next, and not before`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        let old = try await venue.online(Venue.client(1))
        let (_, order) = try await venue.connect(
            Venue.client(1), at: Venue.now.addingTimeInterval(1), owning: old.id)
        #expect(try await venue.store.session(old.id) == old)
        _ = try await venue.store.confirm(order, now: order.createdAt)
        let ended = try await venue.store.session(old.id)
        #expect(ended?.status == .disconnected && ended?.reason == "replaced" && ended?.endedAt == order.createdAt)
        let valid = try await venue.store.validCoupons(of: venue.instance.id, now: order.createdAt, page: ListPage())
        #expect(valid.isEmpty)
    }

    @Test(arguments: StorageBackend.all)
    func `who shows another's MAC address ends nothing of its owner`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let active = try await venue.online(Venue.client(1))
        let coupon = try await venue.coupons()[0]
        let thief = GatewayClient(mac: active.client.mac, ip: try Venue.client(99).ip)
        #expect(try await venue.redeem(coupon.code, by: thief) == .refused(.occupied))
        #expect(try await venue.store.session(active.id) == active)
        let (connecting, pending) = try await venue.connect(Venue.client(2))
        for owner in [connecting] {
            let forger = GatewayClient(mac: owner.client.mac, ip: try Venue.client(99).ip)
            let (_, order) = try await venue.connect(forger, at: Venue.now.addingTimeInterval(1))
            let end = try await venue.store.fail(
                order, reason: "device_mismatch", mayHaveBegun: false, now: order.createdAt)
            #expect(end == .done(instead: nil))
            #expect(try await venue.store.session(owner.id) == owner)
        }
        #expect(try await venue.store.pendingOrders() == [pending])
    }

    @Test(arguments: StorageBackend.all)
    func `64 devices at once redeem each of 200 codes exactly once`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let codes = try await venue.coupons(200).map(\.code)
        let winners = try await withThrowingTaskGroup(of: [CouponCode].self) { group in
            for device in 0..<64 {
                group.addTask {
                    var won: [CouponCode] = []
                    for index in codes.indices {
                        let code = codes[(index * 7 + device * 31) % codes.count]
                        guard
                            case .accepted(_, let order) = try await venue.redeem(
                                code, by: Venue.client(device * 1_000 + index))
                        else { continue }
                        _ = try await venue.store.confirm(order, now: Venue.now)
                        won.append(code)
                    }
                    return won
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(winners.count == codes.count)
        #expect(Set(winners) == Set(codes))
    }
}
