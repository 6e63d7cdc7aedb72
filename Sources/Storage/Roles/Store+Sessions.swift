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

    package func successor(of id: UUID) async throws -> GuestSession? {
        try await database.glance { try $0.row(SessionSQL.successor, [.id(id)]).map(SessionRow.session) }
    }

    package func standing(of id: UUID, for device: MACAddress) async throws -> SessionStanding? {
        try await database.glance { connection in
            guard let session = try Self.session(id, connection) else { return nil }
            let place: [SQLValue] = [.id(session.siteID), .mac(device), .id(id)]
            let order = try connection.row(OrderSQL.awaitedAt, place).map(OrderRow.order)
            return SessionStanding(
                session: session, waitingSince: order?.createdAt, isArriving: order?.moves(session) ?? false)
        }
    }

    package func due(_ order: GatewayOrder, now: Date) async throws -> GatewayOrder.Due {
        try await database.glance { try Self.due(order, now: now, $0) }
    }

    private static func due(
        _ order: GatewayOrder, now: Date, _ connection: any SQLConnection
    ) throws -> GatewayOrder.Due {
        guard try isKept(order, connection), let session = try session(order.sessionID, connection) else {
            return .pointless
        }
        return order.due(for: session, among: try others(than: order, connection), now: now)
    }

    /// The other running sessions of the order's device.
    private static func others(than order: GatewayOrder, _ connection: any SQLConnection) throws -> [GuestSession] {
        try running(order.client, at: order.siteID, connection).filter { $0.id != order.sessionID }
    }

    package func confirm(
        _ order: GatewayOrder, for seconds: Int, now: Date
    ) async throws -> GatewayOrder.Confirmation {
        try await guests.write { [resumeCodes] connection in
            let due = try Self.due(order, now: now, connection)
            if case .grant(let time) = due, abs(time - seconds) > GatewayOrder.tolerance { return .outdated }
            try connection.execute(OrderSQL.delete, [.id(order.id)])
            guard let session = try Self.session(order.sessionID, connection) else { return .done(nil) }
            switch due {
            case .grant where session.status == .connecting:
                return .done(try Self.begin(session, order, now: now.kept, connection))
            case .grant where order.moves(session):
                let moved = try Self.changePlace(of: session, to: order.client, now.kept, resumeCodes, connection)
                return .done(moved, then: [try Self.revoke(session, now: now, connection)])
            case .grant: return .done(session)
            case .occupied: return .done(session, then: try Self.giveUp(order, session, now: now, connection))
            case .pointless:
                // What a session's end has the router take back is where the session was.
                guard session.client.mac != order.client.mac else { return .done(session) }
                let instead = try Self.instead(of: order, mayHaveBegun: true, now: now, connection)
                return .done(session, then: instead.map { [$0] } ?? [])
            }
        }
    }

    /// The time of `session` starts; all that ran or tried at its device gives way.
    private static func begin(
        _ session: GuestSession, _ order: GatewayOrder, now: Date, _ connection: any SQLConnection
    ) throws -> GuestSession {
        var active = session
        for other in try others(than: order, connection) {
            active.ttl += session.carried(from: other, at: now)
            if other.isRunning(at: now) {
                try replace(other, now: now, connection)
            } else {
                try finish(other, as: .expired, reason: nil, now: now, connection)
                try dropOrders(of: other, connection)
            }
        }
        active.status = .active
        active.authorizedAt = now
        active.expiresAt = now.addingTimeInterval(Double(active.ttl))
        try connection.execute(
            SessionSQL.confirm, [.id(active.id), .integer(active.ttl), .date(now), .date(active.expiresAt)])
        return active
    }

    /// The router let in a try whose device has another active session: that one is let in again.
    private static func giveUp(
        _ order: GatewayOrder, _ session: GuestSession, now: Date, _ connection: any SQLConnection
    ) throws -> [GatewayOrder] {
        if session.status == .connecting {
            let reason = GuestSession.EndReason.occupied.rawValue
            try finish(session, as: .failed, reason: reason, now: now, connection)
        }
        return try instead(of: order, mayHaveBegun: true, now: now, connection).map { [$0] } ?? []
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
            guard isKept, order.kind == .authorize, let session,
                session.status == .connecting || order.moves(session)
            else { return .done(instead: nil) }
            if session.status == .connecting {
                try Self.finish(session, as: .failed, reason: reason, now: now, connection)
            }
            return .done(instead: try Self.instead(of: order, mayHaveBegun: mayHaveBegun, now: now, connection))
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
        _ id: UUID, as status: GuestSession.Status, reason: GuestSession.EndReason?, now: Date
    ) async throws -> GatewayOrder? {
        try await guests.write { connection in
            guard let session = try Self.session(id, connection), session.isRunning(at: now) else { return nil }
            for renewal in try connection.rows(SessionSQL.renewals, [.id(id)]).map(SessionRow.session) {
                try Self.replace(renewal, now: now, connection)
            }
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
