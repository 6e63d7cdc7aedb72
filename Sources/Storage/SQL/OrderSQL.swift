import Captive
import Foundation

/// Statements on `orders`.
enum OrderSQL {
    private static let columns = "id, site_id, session_id, kind, mac, ip, ttl, created_at, deadline"

    static let pending = "SELECT \(columns) FROM orders ORDER BY created_at, id"
    static let oldest = "SELECT id FROM orders WHERE created_at > ?1 ORDER BY created_at, id LIMIT 1"
    static let insert = "INSERT INTO orders (\(columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
    static let delete = "DELETE FROM orders WHERE id = ?1"
    static let one = "SELECT \(columns) FROM orders WHERE id = ?1"
    static let awaited = """
        SELECT \(columns) FROM orders
        WHERE site_id = ?1 AND mac = ?2 AND session_id = ?3 AND kind = 'authorize' LIMIT 1
        """
    /// What the router has yet to do at a device for a session, or for one that is to replace it.
    static let awaitedAt = """
        SELECT \(columns) FROM orders
        WHERE site_id = ?1 AND mac = ?2 AND kind = 'authorize'
            AND (session_id = ?3 OR session_id IN (SELECT id FROM sessions WHERE replaces = ?3 AND replaces IS NOT NULL))
        LIMIT 1
        """
    /// Also of a move that the router has not confirmed. Revocations stay: what a router holds goes by them alone.
    static let deleteOfSession = "DELETE FROM orders WHERE session_id = ?1 AND kind = 'authorize'"
}

/// An order as a row of `orders`.
enum OrderRow {
    static func order(_ row: SQLRow) throws -> GatewayOrder {
        var reader = RowReader(row)
        return GatewayOrder(
            id: try reader.id(), siteID: try reader.id(), sessionID: try reader.id(), kind: try reader.word(),
            client: GatewayClient(mac: try reader.mac(), ip: try reader.ip()), ttl: try reader.integer(),
            createdAt: try reader.date(), deadline: try reader.date())
    }

    static func arguments(_ order: GatewayOrder) -> [SQLValue] {
        [
            .id(order.id), .id(order.siteID), .id(order.sessionID), .text(order.kind.rawValue),
            .mac(order.client.mac), .ip(order.client.ip), .integer(order.ttl), .date(order.createdAt),
            .date(order.deadline),
        ]
    }
}
