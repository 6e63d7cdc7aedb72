package import Captive
package import Foundation

extension Store {
    package func reauthorize(_ id: UUID, client: GatewayClient, now: Date) async throws -> GatewayOrder? {
        try await guests.write { connection in
            let now = now.kept
            guard let session = try Self.session(id, connection), session.isRunning(at: now) else { return nil }
            try connection.execute(OrderSQL.deleteOfDevice, [.id(session.siteID), .mac(client.mac)])
            try connection.execute(SessionSQL.move, [.id(id), .ip(client.ip)])
            let order = GatewayOrder(
                id: UUID(), siteID: session.siteID, sessionID: id, kind: .authorize, client: client,
                ttl: session.authorizedAt == nil ? session.ttl : session.secondsLeft(at: now), createdAt: now,
                deadline: session.expiresAt)
            try connection.execute(OrderSQL.insert, OrderRow.arguments(order))
            return order
        }
    }
}
