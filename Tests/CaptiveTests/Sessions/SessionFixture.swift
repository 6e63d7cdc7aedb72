import Captive
import Foundation
import NetworkAddress
import Testing

/// Sessions of one device at one site, and the life cycle that changes them.
struct SessionFixture {
    let now = Date(timeIntervalSince1970: 1_800_000_000)
    let siteID = UUID()
    let instance = Instance(
        id: UUID(), workspace: .default, name: "Lobby", strategy: .coupon, sessionTTL: 3_600,
        createdAt: Date(timeIntervalSince1970: 0))
    let code: CouponCode
    let client: GatewayClient
    /// The same device at another IP address.
    let elsewhere: GatewayClient
    /// Another device.
    let other: GatewayClient
    private let codes: ResumeCodes

    init() throws {
        let mac = try #require(MACAddress("AA:BB:CC:DD:EE:01"))
        client = GatewayClient(mac: mac, ip: try #require(IPAddress("10.5.50.2")))
        elsewhere = GatewayClient(mac: mac, ip: try #require(IPAddress("10.5.50.3")))
        other = GatewayClient(
            mac: try #require(MACAddress("AA:BB:CC:DD:EE:02")), ip: try #require(IPAddress("10.5.50.4")))
        code = try #require(CouponCode(typed: "ABC234"))
        codes = ResumeCodes(sealer: try #require(Sealer(keys: [Array(repeating: 7, count: 32)])))
    }

    var device: SiteDevice { SiteDevice(siteID: siteID, mac: client.mac) }

    func session(
        _ status: GuestSession.Status, at place: GatewayClient? = nil, age: TimeInterval = 600, ttl: Int = 3_600,
        coupon: UUID? = UUID(), replaces: UUID? = nil
    ) -> GuestSession {
        let start = now - age
        return GuestSession(
            id: UUID(), siteID: siteID, instanceID: instance.id, workspace: .default, client: place ?? client,
            status: status, strategy: .coupon, couponID: coupon, ttl: ttl, createdAt: start,
            authorizedAt: status == .connecting ? nil : start, expiresAt: start + Double(ttl), replaces: replaces)
    }

    func state(_ sessions: GuestSession..., pending: PendingDevice? = nil) -> DeviceState {
        DeviceState(device: device, sessions: sessions, pending: pending)
    }

    func mark(revokeUntil: Date? = nil) -> PendingDevice {
        PendingDevice(device: device, ip: client.ip, since: now - 1, revokeUntil: revokeUntil)
    }

    func lifecycle(_ sessions: GuestSession..., pending: PendingDevice? = nil) -> SessionLifecycle {
        SessionLifecycle(
            DeviceState(device: device, sessions: sessions, pending: pending), resumeCodes: codes, now: now)
    }

    var coupon: Coupon {
        Coupon(
            id: UUID(), instanceID: instance.id, code: code, expiresAt: now + 60, redeemedAt: nil, createdAt: now - 100)
    }

    func redemption(_ ownership: Ownership = Ownership(), at place: GatewayClient? = nil) -> Redemption {
        Redemption(
            code: code, instance: instance, siteID: siteID, client: place ?? client, device: nil, now: now,
            ownership: ownership)
    }

    func grant(_ session: GuestSession, _ purpose: AccessGrant.Purpose, seconds: Int) -> AccessGrant {
        AccessGrant(
            session: session, client: purpose == .move ? session.move?.client ?? session.client : session.client,
            seconds: seconds, purpose: purpose)
    }
}

extension SessionLifecycle {
    /// The session as it is after the changes.
    func updated(_ id: UUID) -> GuestSession? {
        changes.reversed().lazy.compactMap {
            switch $0 {
            case .insert(let session) where session.id == id: session
            case .update(let session) where session.id == id: session
            default: nil
            }
        }.first
    }

    var returnedCoupons: [UUID] {
        changes.compactMap { if case .returnCoupon(let coupon, _) = $0 { coupon } else { nil } }
    }

    /// The marks of devices whose router may hold access that has ended.
    var revoked: [SiteDevice] {
        changes.compactMap {
            if case .mark(let pending) = $0, pending.revokeUntil != nil { pending.device } else { nil }
        }
    }
}
