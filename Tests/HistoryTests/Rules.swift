import Captive
import Foundation
import GatewaySimulator
import NetworkAddress
import Testing

@testable import Storage

/// The rules that hold for a world in every history.
struct Rules {
    let world: World

    /// A coupon, and the session that it began.
    struct CouponRow {
        var id: UUID
        var isUsed: Bool
        var sessionID: UUID?
    }

    func sessions() async throws -> [GuestSession] {
        try await world.store.users(of: world.siteID, matching: SiteUserFilter(), page: ListPage(limit: 500))
    }

    /// The MAC addresses whose router is not in its desired state.
    func pendingDevices() async throws -> Set<MACAddress> {
        try await world.store.database.read { connection in
            Set(
                try connection.rows("SELECT mac FROM pending_devices", []).map { row in
                    var reader = RowReader(row)
                    return try reader.mac()
                })
        }
    }

    private func coupons() async throws -> [CouponRow] {
        try await world.store.database.read { connection in
            try connection.rows("SELECT id, redeemed_at, session_id FROM coupons", []).map { row in
                var reader = RowReader(row)
                let id = try reader.id()
                return CouponRow(
                    id: id, isUsed: try reader.optional { try $0.date() } != nil,
                    sessionID: try reader.optional { try $0.id() })
            }
        }
    }

    /// Returns violations of the rules that hold at every moment.
    func check() async throws -> [String] {
        let (sessions, coupons, now) = (try await sessions(), try await coupons(), world.clock.now())
        var broken: [String] = []
        let byID = Dictionary(uniqueKeysWithValues: sessions.map { ($0.id, $0) })
        broken += granted(sessions, coupons)
        broken += inheritance(sessions, byID)
        broken += oneDevice(sessions, now)
        broken += lost(coupons, byID)
        return broken
    }

    /// The granted seconds are equal to the seconds of the used coupons, within rounding.
    private func granted(_ sessions: [GuestSession], _ coupons: [CouponRow]) -> [String] {
        let granted = sessions.filter { $0.authorizedAt != nil }.reduce(0.0) { sum, session in
            let end = session.hasEnded(.replaced) ? session.endedAt ?? session.expiresAt : session.expiresAt
            return sum + end.timeIntervalSince(session.authorizedAt ?? end)
        }
        let used = coupons.filter { coupon in
            coupon.isUsed && sessions.contains { $0.id == coupon.sessionID && $0.authorizedAt != nil }
        }
        let bought = Double(used.count * World.ttl)
        // A session that gives its time to the next one is counted in microseconds, the given time in seconds.
        return abs(granted - bought) > Double(sessions.count) + 1 ? ["\(granted) s granted of \(bought) s bought"] : []
    }

    /// A replaced session has given all of its time to the session that replaced it.
    private func inheritance(_ sessions: [GuestSession], _ byID: [UUID: GuestSession]) -> [String] {
        sessions.compactMap { session in
            guard session.hasEnded(.replaced), session.authorizedAt != nil else { return nil }
            let heirs = sessions.filter { $0.replaces == session.id && $0.authorizedAt != nil }
            guard heirs.count == 1, let heir = heirs.first else { return "\(heirs.count) sessions replaced one" }
            let left = session.secondsLeft(at: session.endedAt ?? session.expiresAt)
            return heir.ttl == World.ttl + left ? nil : "\(left) s were left, and the heir has \(heir.ttl) s"
        }
    }

    /// A device has at most one active session, and a coupon is on at most one device.
    private func oneDevice(_ sessions: [GuestSession], _ now: Date) -> [String] {
        let active = sessions.filter { $0.status == .active && $0.isRunning(at: now) }
        let devices = Set(active.map(\.client.mac)).count
        let codes = sessions.filter { $0.isRunning(at: now) }.compactMap(\.couponID)
        return (devices == active.count ? [] : ["a device has two active sessions"])
            + (Set(codes).count == codes.count ? [] : ["a coupon has two sessions"])
    }

    /// A coupon that authorized no device can be used again, unless its session is connecting or an admin ended it.
    private func lost(_ coupons: [CouponRow], _ byID: [UUID: GuestSession]) -> [String] {
        coupons.compactMap { coupon in
            guard coupon.isUsed, let session = coupon.sessionID.flatMap({ byID[$0] }) else { return nil }
            let isSpent = session.authorizedAt != nil || session.status == .connecting || session.hasEnded(.admin)
            return isSpent ? nil : "the coupon of a session that was never confirmed is used (\(session.status))"
        }
    }

    /// Returns violations of the rules that hold when the router works and there was time to reconcile: the router
    /// holds the state in the database.
    func checkSettled() async throws -> [String] {
        let (sessions, now) = (try await sessions(), world.clock.now())
        let running = sessions.filter { $0.status == .active && $0.isRunning(at: now) }
        let active = Set(running.filter { world.isHere($0.client) }.map(\.client.mac))
        let all = Set(sessions.map(\.client.mac)).union(world.devices)
        let online = Set(all.filter { world.router.isOnline($0) })
        return online.subtracting(running.map(\.client.mac)).map { mac in
            let rows = world.router.rows("ip/hotspot/active").filter { $0["mac-address"] == mac.description }
            let known = sessions.filter { $0.client.mac == mac }.map { "\($0.status) \($0.client.ip)" }
            return "\(mac) is online without a session: \(rows), sessions \(known)"
        }
            + active.subtracting(online).map { "\($0) has a session and is not online" }
    }
}

extension World {
    /// Devices that were ever on the network.
    var devices: Set<MACAddress> {
        Set(router.rows("ip/hotspot/host").compactMap { $0["mac-address"].flatMap { MACAddress($0) } })
    }

    /// Returns true if the router sees the pair.
    func isHere(_ client: GatewayClient) -> Bool {
        router.rows("ip/hotspot/host").contains {
            $0["mac-address"] == client.mac.description && $0["address"] == client.ip.description
        }
    }
}
