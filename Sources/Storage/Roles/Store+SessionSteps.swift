import Captive
import Foundation

/// A session's way, inside a transaction.
extension Store {
    /// Seconds that an order to revoke is delivered for at least. The router itself ends what it let through, so that
    /// one given up leaves nobody online beyond the time granted.
    private static let revocationTime = 86_400

    static func isKept(_ order: GatewayOrder, _ connection: any SQLConnection) throws -> Bool {
        try connection.row(OrderSQL.one, [.id(order.id)]) != nil
    }

    static func session(_ id: UUID, _ connection: any SQLConnection) throws -> GuestSession? {
        try connection.row(SessionSQL.one, [.id(id)]).map(SessionRow.session)
    }

    /// Ends `session`, drops what the router was still to do for it, and writes the order to revoke it.
    static func end(
        _ session: GuestSession, as status: GuestSession.Status, reason: GuestSession.EndReason?, now: Date,
        _ connection: any SQLConnection
    ) throws -> GatewayOrder {
        try finish(session, as: status, reason: reason?.rawValue, now: now, connection)
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

    /// Writes what the router is to do when `order` lets its session in no more: let in again the session whose place
    /// the try has taken, or take back what it may have begun. Nothing where the pair was a stranger's, who must not be
    /// cut off.
    static func instead(
        of order: GatewayOrder, mayHaveBegun: Bool, now: Date, _ connection: any SQLConnection
    ) throws -> GatewayOrder? {
        let stay = try running(order.client, at: order.siteID, connection)
            .first { $0.id != order.sessionID && $0.status == .active && $0.isRunning(at: now) }
        guard let stay else {
            guard mayHaveBegun, let session = try session(order.sessionID, connection) else { return nil }
            var there = session
            there.client = order.client
            return try revoke(there, now: now, connection)
        }
        guard mayHaveBegun || stay.client == order.client else { return nil }
        try dropOrders(of: stay, connection)
        return try authorize(stay, as: UUID(), now: now.kept, connection)
    }

    /// What the router has to do yet for `session` where it is; nil if nothing.
    static func awaitedOrder(of session: GuestSession, _ connection: any SQLConnection) throws -> GatewayOrder? {
        let device: [SQLValue] = [.id(session.siteID), .mac(session.client.mac), .id(session.id)]
        return try connection.row(OrderSQL.awaited, device).map(OrderRow.order)
    }

    static func dropOrders(of session: GuestSession, _ connection: any SQLConnection) throws {
        try connection.execute(OrderSQL.deleteOfSession, [.id(session.id)])
    }

    /// The running sessions of a device at a site.
    static func running(
        _ client: GatewayClient, at siteID: UUID, _ connection: any SQLConnection
    ) throws -> [GuestSession] {
        try connection.rows(SessionSQL.runningOfDevice, [.id(siteID), .mac(client.mac)]).map(SessionRow.session)
    }

    /// Ends `session`, as another has taken its place, and what the router was still to do for it.
    static func replace(_ session: GuestSession, now: Date, _ connection: any SQLConnection) throws {
        try finish(
            session, as: .disconnected, reason: GuestSession.EndReason.replaced.rawValue, now: now, connection)
        try dropOrders(of: session, connection)
    }

    /// A guest who never got in by it has the coupon back, unless the venue ended the session.
    static func finish(
        _ session: GuestSession, as status: GuestSession.Status, reason: String?, now: Date,
        _ connection: any SQLConnection
    ) throws {
        try connection.execute(
            SessionSQL.end, [.id(session.id), .text(status.rawValue), .text(reason), .date(now)])
        let isVenues =
            reason == GuestSession.EndReason.admin.rawValue
            || reason == GuestSession.EndReason.instanceDeleted.rawValue
        guard session.authorizedAt == nil, !isVenues, let couponID = session.couponID else { return }
        try connection.execute(CouponSQL.giveBack, [.id(couponID), .id(session.id)])
    }

    /// The same guest's tries at the same client give way to the new order. All else waits for the router's word: the
    /// MAC address may be another guest's.
    static func replaceTries(
        with session: GuestSession, at client: GatewayClient? = nil, among device: [GuestSession],
        _ ownership: Ownership, now: Date, _ connection: any SQLConnection
    ) throws {
        let client = client ?? session.client
        for other in device
        where other.id != session.id && other.status == .connecting && other.client == client
            && ownership.covers(other, at: client)
        {
            try replace(other, now: now, connection)
        }
    }
}
