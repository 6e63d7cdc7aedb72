import Captive
import Foundation
import NetworkAddress
import Testing

@Suite struct RedemptionTests {
    let now = Date(timeIntervalSince1970: 1_800_000_000)
    let instance = Instance(
        id: UUID(), workspace: .default, name: "Lobby", strategy: .coupon, sessionTTL: 3_600,
        createdAt: Date(timeIntervalSince1970: 0))
    let siteID = UUID()
    let client: GatewayClient
    let code: CouponCode

    init() throws {
        client = GatewayClient(
            mac: try #require(MACAddress("AA:BB:CC:DD:EE:01")), ip: try #require(IPAddress("10.5.50.2")))
        code = try #require(CouponCode(typed: "ABC234"))
    }

    var redemption: Redemption {
        Redemption(code: code, instance: instance, siteID: siteID, client: client, device: nil, now: now)
    }

    func coupon(of instanceID: UUID? = nil, expiresIn seconds: TimeInterval = 60, redeemed: Bool = false) -> Coupon {
        Coupon(
            id: UUID(), instanceID: instanceID ?? instance.id, code: code, expiresAt: now + seconds,
            redeemedAt: redeemed ? now - 10 : nil, createdAt: now - 100)
    }

    func session(of client: GatewayClient, status: GuestSession.Status = .active) -> GuestSession {
        GuestSession(
            id: UUID(), siteID: siteID, instanceID: instance.id, workspace: .default, client: client, status: status,
            strategy: .coupon, ttl: 3_600, createdAt: now - 10, expiresAt: now + 3_590)
    }

    @Test func `a valid coupon of the instance is accepted`() {
        let valid = coupon()
        #expect(redemption.verdict(on: [.init(coupon: valid, session: nil)]) == .accept(valid, replacing: nil))
    }

    @Test func `a code that no coupon has is wrong`() {
        #expect(redemption.verdict(on: []) == .refuse(.wrong))
    }

    @Test func `a coupon is expired from the second at which its time ends`() {
        #expect(redemption.verdict(on: [.init(coupon: coupon(expiresIn: 0), session: nil)]) == .refuse(.expired))
    }

    @Test func `a coupon that another device uses is in use`() throws {
        let other = GatewayClient(mac: try #require(MACAddress("AA:BB:CC:DD:EE:02")), ip: client.ip)
        let candidate = Redemption.Candidate(coupon: coupon(redeemed: true), session: session(of: other))
        #expect(redemption.verdict(on: [candidate]) == .refuse(.inUse))
    }

    @Test func `the device that used a coupon may enter it again while its session lasts`() {
        let own = session(of: client)
        #expect(redemption.verdict(on: [.init(coupon: coupon(redeemed: true), session: own)]) == .resume(own))
    }

    @Test func `after the session's end the coupon is used up`() {
        let over = session(of: client, status: .expired)
        #expect(redemption.verdict(on: [.init(coupon: coupon(redeemed: true), session: over)]) == .refuse(.usedUp))
    }

    @Test func `a coupon of another instance is foreign`() {
        #expect(redemption.verdict(on: [.init(coupon: coupon(of: UUID()), session: nil)]) == .refuse(.foreign))
    }

    @Test func `a valid coupon wins over old ones with the same code`() {
        let valid = coupon()
        let candidates = [coupon(redeemed: true), coupon(expiresIn: -5), coupon(of: UUID()), valid]
            .map { Redemption.Candidate(coupon: $0, session: nil) }
        #expect(redemption.verdict(on: candidates) == .accept(valid, replacing: nil))
    }
}

@Suite struct CouponCodeTests {
    @Test(arguments: ["ABC234", "abc234", " abc-234 ", "A B C 2 3 4"])
    func `case, spaces and hyphens do not matter`(typed: String) {
        #expect(CouponCode(typed: typed)?.rawValue == "ABC234")
    }

    @Test(arguments: ["", "ABC23", "ABC2345", "ABC23O", "ABC231", "ÄBC234", "ABC23\u{0}"])
    func `a text that cannot be a code is refused`(typed: String) {
        #expect(CouponCode(typed: typed) == nil)
    }

    @Test func `random codes are readable and differ`() {
        var generator = SystemRandomNumberGenerator()
        let codes = (0..<1_000).map { _ in CouponCode.random(using: &generator) }
        #expect(Set(codes).count > 990)
        #expect(codes.allSatisfy { CouponCode(typed: $0.rawValue) == $0 })
    }

    @Test func `a code does not appear in a description`() {
        var generator = SystemRandomNumberGenerator()
        let code = CouponCode.random(using: &generator)
        #expect(!"\(code)".contains(code.rawValue))
    }
}
