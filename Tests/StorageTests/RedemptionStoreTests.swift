import Captive
import Foundation
import Testing

@testable import Storage

@Suite struct RedemptionStoreTests {
    @Test(arguments: StorageBackend.all)
    func `a valid code creates a connecting session and marks its device`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let coupon = try #require(try await venue.coupons().first)
        let client = try Venue.client(1)
        let outcome = try await venue.redeem(coupon.code, by: client)
        guard case .accepted(let session) = outcome else { throw Venue.Unexpected() }
        #expect(session.status == .connecting && session.couponID == coupon.id && session.client == client)
        #expect(session.expiresAt == Venue.now.addingTimeInterval(Double(Venue.ttl)))
        #expect(try await venue.store.session(session.id) == session)
        let grant = AccessGrant(session: session, client: client, seconds: Venue.ttl, purpose: .begin)
        #expect(try await venue.next(client) == .authorize(grant))
        #expect(try await venue.next(client, at: session.expiresAt - 0.1) == .authorize(grant))
        #expect(try await venue.next(client, at: session.expiresAt) == .settled)
        let device = venue.device(client)
        #expect(try await venue.pending() == [PendingDevice(device: device, ip: client.ip, since: Venue.now)])
        #expect(venue.changes.all.last == .pending([device]))
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
        let marks = try await venue.pending()
        let client = try Venue.client(2)
        #expect(try await venue.redeem(used, by: client) == .refused(.inUse))
        #expect(try await venue.redeem(expired, by: client) == .refused(.expired))
        #expect(try await venue.redeem(foreign, by: client) == .refused(.foreign))
        #expect(try await venue.redeem(hidden, by: client) == .refused(.wrong))
        #expect(try await venue.pending() == marks)
        #expect(try await venue.store.latestSession(of: client.mac, at: venue.siteID) == nil)
    }

    @Test(arguments: StorageBackend.all)
    func `the same device resumes its session at its new address with the time left`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        let code = try await venue.coupons()[0].code
        guard case .accepted(let session) = try await venue.redeem(code, by: Venue.client(1)) else {
            throw Venue.Unexpected()
        }
        try await venue.store.confirmNext(for: venue.device(session.client), now: Venue.now)
        let moved = try Venue.client(1, host: 99)
        let later = Venue.now.addingTimeInterval(600)
        #expect(try await venue.redeem(code, by: moved, at: later) == .mustBeKnown)
        guard
            case .resumed(let resumed) = try await venue.redeem(
                code, by: moved, at: later, Ownership(isKnown: true))
        else { throw Venue.Unexpected() }
        #expect(resumed.id == session.id && resumed.client == moved && resumed.status == .active)
        #expect(resumed.awaitingSince == later)
        let grant = AccessGrant(session: resumed, client: moved, seconds: Venue.ttl - 600, purpose: .restore)
        #expect(try await venue.next(moved, at: later) == .authorize(grant))
        #expect(try await venue.store.session(session.id) == resumed)
        let device = venue.device(moved)
        #expect(try await venue.pending() == [PendingDevice(device: device, ip: moved.ip, since: later)])
    }

    @Test(arguments: StorageBackend.all)
    func `a second request of a device replaces its first, whose coupon is returned`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        let old = try await venue.connect(Venue.client(1))
        let other = try await venue.connect(Venue.client(2))
        let new = try await venue.connect(Venue.client(1), at: Venue.now.addingTimeInterval(1), owning: old.id)
        let ended = try await venue.store.session(old.id)
        #expect(ended?.status == .disconnected && ended?.reason == "replaced" && ended?.endedAt == new.createdAt)
        #expect(try await venue.pending().map(\.device) == [old, other].map { venue.device($0.client) })
        for session in [new, other] {
            let device = venue.device(session.client)
            #expect(try await venue.store.state(of: device).sessions == [session])
            #expect(try await venue.grant(session.client, at: new.createdAt).session == session)
        }
        let valid = try await venue.store.validCoupons(of: venue.instance.id, now: new.createdAt, page: ListPage())
        #expect(valid.map(\.id) == [old.couponID])
    }

    @Test(arguments: StorageBackend.all)
    func `a running session is replaced when the router confirms the next, and not before`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        let old = try await venue.online(Venue.client(1))
        let new = try await venue.connect(Venue.client(1), at: Venue.now.addingTimeInterval(1), owning: old.id)
        #expect(new.replaces == old.id)
        #expect(try await venue.store.session(old.id) == old)
        #expect(try await venue.store.confirmNext(for: venue.device(new.client), now: new.createdAt))
        let ended = try await venue.store.session(old.id)
        #expect(ended?.status == .disconnected && ended?.reason == "replaced" && ended?.endedAt == new.createdAt)
        #expect(try await venue.store.successor(of: old.id)?.id == new.id)
        let valid = try await venue.store.validCoupons(of: venue.instance.id, now: new.createdAt, page: ListPage())
        #expect(valid.isEmpty)
    }

    @Test(arguments: StorageBackend.all)
    func `a guest who names another's MAC address does not end its session`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let active = try await venue.online(Venue.client(1))
        let coupon = try await venue.coupons()[0]
        let thief = GatewayClient(mac: active.client.mac, ip: try Venue.client(99).ip)
        #expect(try await venue.redeem(coupon.code, by: thief) == .refused(.occupied))
        #expect(try await venue.store.session(active.id) == active)
        #expect(try await venue.pending().isEmpty)
        let owner = try await venue.connect(Venue.client(2))
        let forger = GatewayClient(mac: owner.client.mac, ip: try Venue.client(99).ip)
        let forged = try await venue.connect(forger, at: Venue.now.addingTimeInterval(1))
        let grant = try await venue.grant(forger, of: forged.id, at: forged.createdAt)
        #expect(grant.client == forger)
        #expect(
            try await !venue.store.refuse(
                grant, reason: "device_mismatch", mayHaveBegun: false, now: forged.createdAt))
        #expect(try await venue.store.session(forged.id)?.reason == "device_mismatch")
        #expect(try await venue.store.session(owner.id) == owner)
        #expect(try await venue.grant(owner.client, at: forged.createdAt).session == owner)
        let marks = try await venue.pending()
        #expect(marks.map(\.device) == [venue.device(owner.client)] && marks.map(\.revokeUntil) == [nil])
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
                        let client = try Venue.client(device * 1_000 + index)
                        guard case .accepted = try await venue.redeem(code, by: client) else { continue }
                        try await venue.store.confirmNext(for: venue.device(client), now: Venue.now)
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
