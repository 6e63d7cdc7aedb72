import Captive
import Foundation

/// A session's way, inside a transaction.
extension Store {
    /// Seconds that an order to revoke is delivered for at least. The router itself ends what it let through, so that
    /// one given up leaves nobody online beyond the time granted.
    private static let revocationTime = 86_400

    static func session(_ id: UUID, _ connection: any SQLConnection) throws -> GuestSession? {
        try connection.row(SessionSQL.one, [.id(id)]).map(SessionRow.session)
    }

    /// Ends `session`, drops what the router was still to do for it, and writes the order to revoke it.
    static func end(
        _ session: GuestSession, as status: GuestSession.Status, reason: String?, now: Date,
        _ connection: any SQLConnection
    ) throws -> GatewayOrder {
        try finish(session, as: status, reason: reason, now: now, connection)
        try dropOrders(of: session, connection)
        return try revoke(session, now: now, connection)
    }

    /// Writes the order to cut the session's device off where it is.
    static func revoke(
        _ session: GuestSession, now: Date, _ connection: any SQLConnection
    ) throws -> GatewayOrder {
        let order = GatewayOrder(
            id: UUID(), siteID: session.siteID, sessionID: session.id, kind: .revoke, client: session.client, ttl: 0,
            createdAt: now.kept, deadline: max(session.expiresAt, now.kept).addingTimeInterval(Double(revocationTime)))
        try connection.execute(OrderSQL.insert, OrderRow.arguments(order))
        return order
    }

    /// Writes the order to let the session's device through for the time that is left;
    /// all of it until it was confirmed.
    static func authorize(
        _ session: GuestSession, as id: UUID, now: Date, _ connection: any SQLConnection
    ) throws -> GatewayOrder {
        let order = GatewayOrder(
            id: id, siteID: session.siteID, sessionID: session.id, kind: .authorize, client: session.client,
            ttl: session.authorizedAt == nil ? session.ttl : session.secondsLeft(at: now), createdAt: now,
            deadline: session.expiresAt)
        try connection.execute(OrderSQL.insert, OrderRow.arguments(order))
        return order
    }

    /// Writes what the router is to do when it has not taken `failed`: let in again the stay whose place the try has
    /// taken, or take back what it may have begun. Nothing where the pair was a stranger's, who must not be cut off.
    static func instead(
        of failed: GuestSession, mayHaveBegun: Bool, now: Date, _ connection: any SQLConnection
    ) throws -> GatewayOrder? {
        let stay = try others(than: failed, connection).first { $0.status == .active && $0.isRunning(at: now) }
        guard let stay else { return mayHaveBegun ? try revoke(failed, now: now, connection) : nil }
        guard mayHaveBegun || stay.client == failed.client else { return nil }
        try dropOrders(of: stay, connection)
        return try authorize(stay, as: UUID(), now: now.kept, connection)
    }

    /// What the router has to do yet for `session` where it is; nil if nothing.
    static func awaitedOrder(of session: GuestSession, _ connection: any SQLConnection) throws -> GatewayOrder? {
        let device: [SQLValue] = [.id(session.siteID), .mac(session.client.mac), .id(session.id)]
        return try connection.row(OrderSQL.awaited, device).map(OrderRow.order)
    }

    static func dropOrders(of session: GuestSession, _ connection: any SQLConnection) throws {
        try connection.execute(
            OrderSQL.deleteOfSession, [.id(session.siteID), .mac(session.client.mac), .id(session.id)])
    }

    /// The device's other running stays at the site.
    static func others(
        than session: GuestSession, _ connection: any SQLConnection
    ) throws -> [GuestSession] {
        let device: [SQLValue] = [.id(session.siteID), .mac(session.client.mac), .id(session.id)]
        return try connection.rows(SessionSQL.othersOfDevice, device).map(SessionRow.session)
    }

    /// Ends the device's other stays (`known`, if they were read before), those that `isMeant` says, and what the
    /// router was still to do for them. A coupon that let nobody in is given back.
    static func replaceOthers(
        than session: GuestSession, among known: [GuestSession]? = nil, now: Date, _ connection: any SQLConnection,
        where isMeant: (GuestSession) -> Bool = { _ in true }
    ) throws {
        for other in try known ?? others(than: session, connection) where isMeant(other) {
            try finish(other, as: .disconnected, reason: "replaced", now: now, connection)
            try dropOrders(of: other, connection)
            if other.authorizedAt == nil { try giveBack(other, connection) }
        }
    }

    /// A guest who never got in by it has the coupon back, if the router or the time ended the try.
    static func finish(
        _ session: GuestSession, as status: GuestSession.Status, reason: String?, now: Date,
        _ connection: any SQLConnection
    ) throws {
        try connection.execute(
            SessionSQL.end, [.id(session.id), .text(status.rawValue), .text(reason), .date(now)])
        if session.authorizedAt == nil, status == .failed || status == .expired { try giveBack(session, connection) }
    }

    private static func giveBack(_ session: GuestSession, _ connection: any SQLConnection) throws {
        guard let couponID = session.couponID else { return }
        try connection.execute(CouponSQL.giveBack, [.id(couponID), .id(session.id)])
    }

    /// The new order takes the place of what the router was still to do for the same device at the same address. All
    /// else waits for the router's word: the MAC address may be another guest's.
    static func replaceTries(
        than session: GuestSession, among known: [GuestSession]? = nil, now: Date, _ connection: any SQLConnection
    ) throws {
        try replaceOthers(than: session, among: known, now: now, connection) {
            $0.status == .connecting && $0.client == session.client
        }
        let client: [SQLValue] = [.id(session.siteID), .mac(session.client.mac), .ip(session.client.ip)]
        try connection.execute(OrderSQL.deleteOfClient, client)
    }
}
