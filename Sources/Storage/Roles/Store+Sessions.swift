package import Captive
package import Foundation
package import NetworkAddress

extension Store: SessionStore {
    package func session(_ id: UUID) async throws -> GuestSession? {
        try await database.glance { try Self.session(id, $0) }
    }

    package func latestSession(of client: MACAddress, at siteID: UUID) async throws -> GuestSession? {
        let device: [SQLValue] = [.id(siteID), .mac(client)]
        return try await database.glance {
            try ($0.row(SessionSQL.active, device) ?? $0.row(SessionSQL.latest, device)).map(SessionRow.session)
        }
    }

    package func runningSessions(
        at address: IPAddress, atSite siteID: UUID, now: Date
    ) async throws -> [GuestSession] {
        try await database.glance {
            try $0.rows(SessionSQL.runningAt, [.id(siteID), .ip(address), .date(now)]).map(SessionRow.session)
        }
    }

    package func runningSessions(of client: GatewayClient, now: Date) async throws -> [GuestSession] {
        try await database.glance {
            try $0.rows(SessionSQL.runningOfClient, [.ip(client.ip), .mac(client.mac), .date(now)])
                .map(SessionRow.session)
        }
    }

    package func waitingSince(_ session: GuestSession) async throws -> Date? {
        try await database.glance { try Self.awaitedOrder(of: session, $0)?.createdAt }
    }

    package func runningSessions(atSite siteID: UUID, now: Date) async throws -> [GuestSession] {
        try await database.read {
            try $0.rows(SessionSQL.runningOfSite, [.id(siteID), .date(now)]).map(SessionRow.session)
        }
    }

    /// An order that is not kept any more (done, replaced, dropped) changes nothing.
    package func confirm(_ order: GatewayOrder, now: Date) async throws -> GuestSession? {
        try await guests.write { connection in
            let isKept = try connection.execute(OrderSQL.delete, [.id(order.id)]) == 1
            let begins =
                try isKept && order.kind == .authorize
                && connection.execute(SessionSQL.confirm, [.id(order.sessionID), .date(now)]) == 1
            let session = try Self.session(order.sessionID, connection)
            if isKept, let session, session.status == .active {
                // A renewal that began since waits for its own order.
                try Self.replaceOthers(than: session, now: now, connection) { begins || $0.status == .active }
            }
            return session
        }
    }

    /// As for `confirm`, an order that is not kept any more changes nothing.
    package func fail(
        _ order: GatewayOrder, reason: String, mayHaveBegun: Bool, now: Date
    ) async throws -> GatewayOrder.GivenUp {
        try await guests.write { connection in
            let session = try Self.session(order.sessionID, connection)
            if let session, session.status == .active, session.isRunning(at: now), session.client == order.client {
                return .kept
            }
            let isKept = try connection.execute(OrderSQL.delete, [.id(order.id)]) == 1
            guard isKept, order.kind == .authorize, let session, session.status == .connecting else {
                return .done(instead: nil)
            }
            try Self.finish(session, as: .failed, reason: reason, now: now, connection)
            return .done(instead: try Self.instead(of: session, mayHaveBegun: mayHaveBegun, now: now, connection))
        }
    }

    package func reauthorize(_ id: UUID, client: GatewayClient, now: Date) async throws -> GatewayOrder? {
        try await guests.write { connection in
            guard var session = try Self.session(id, connection), session.isRunning(at: now) else { return nil }
            // A guest who is caught again and again while the router is away waits for one order.
            if let order = try Self.awaitedOrder(of: session, connection), order.client == client { return order }
            try Self.dropOrders(of: session, connection)
            session.client = client
            try connection.execute(SessionSQL.move, [.id(id), .mac(client.mac), .ip(client.ip)])
            return try Self.authorize(session, as: UUID(), now: now.kept, connection)
        }
    }

    package func end(
        _ id: UUID, as status: GuestSession.Status, reason: String?, now: Date
    ) async throws -> GatewayOrder? {
        try await guests.write { connection in
            guard let session = try Self.session(id, connection), session.isRunning(at: now) else { return nil }
            return try Self.end(session, as: status, reason: reason, now: now, connection)
        }
    }

    package func forgetSessions(endedBefore end: Date, limit: Int) async throws -> Int {
        try await guests.write { try $0.execute(SessionSQL.forget, [.date(end), .integer(limit)]) }
    }

    package func expireSessions(now: Date, limit: Int) async throws -> [GatewayOrder] {
        try await guests.write { connection in
            try connection.rows(SessionSQL.over, [.date(now), .integer(limit)]).map(SessionRow.session).map {
                try Self.end($0, as: .expired, reason: nil, now: now, connection)
            }
        }
    }
}
