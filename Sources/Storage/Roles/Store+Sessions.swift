package import Captive
package import Foundation
package import NetworkAddress

extension Store: SessionStore {
    package func session(_ id: UUID) async throws -> GuestSession? {
        try await database.readInline { try Self.session(id, $0) }
    }

    package func latestSession(of client: MACAddress, at siteID: UUID) async throws -> GuestSession? {
        let device: [SQLValue] = [.id(siteID), .mac(client)]
        return try await database.readInline {
            try ($0.row(SessionSQL.active, device) ?? $0.row(SessionSQL.latest, device)).map(SessionRow.session)
        }
    }

    package func runningSessions(
        at address: IPAddress, atSite siteID: UUID, now: Date
    ) async throws -> [GuestSession] {
        try await database.readInline {
            try $0.rows(SessionSQL.runningAt, [.id(siteID), .ip(address), .date(now)]).map(SessionRow.session)
        }
    }

    package func runningSessions(of client: GatewayClient, now: Date) async throws -> [GuestSession] {
        try await database.readInline {
            try $0.rows(SessionSQL.runningOfClient, [.ip(client.ip), .mac(client.mac), .date(now)])
                .map(SessionRow.session)
        }
    }

    package func runningSessions(atSite siteID: UUID, now: Date) async throws -> [GuestSession] {
        try await database.read {
            try $0.rows(SessionSQL.runningOfSite, [.id(siteID), .date(now)]).map(SessionRow.session)
        }
    }

    package func successor(of id: UUID) async throws -> GuestSession? {
        try await database.readInline { try $0.row(SessionSQL.successor, [.id(id)]).map(SessionRow.session) }
    }

    package func standing(of id: UUID, for device: MACAddress) async throws -> SessionStanding? {
        try await database.readInline { connection in
            guard let session = try Self.session(id, connection) else { return nil }
            let renewal = try connection.row(SessionSQL.renewals, [.id(id)]).map(SessionRow.session)
            return SessionStanding(session: session, renewal: renewal, device: device)
        }
    }

    package func recapture(_ id: UUID, at client: GatewayClient, now: Date) async throws -> GuestSession? {
        try await change { connection in
            guard let session = try Self.session(id, connection), session.isRunning(at: now) else { return (nil, []) }
            var lifecycle = try Self.lifecycle(of: session.siteDevice, resumeCodes, now: now, connection)
            let recaptured = lifecycle.recapture(session, at: client)
            return (recaptured, try write(lifecycle, connection))
        }
    }

    package func end(_ id: UUID, reason: GuestSession.EndReason, now: Date) async throws -> GuestSession? {
        try await change { connection in
            guard let session = try Self.session(id, connection),
                session.isRunning(at: now) || reason == .admin && session.canReturn(at: now)
            else { return (nil, []) }
            return (session, try end(session, reason: reason, now: now, connection))
        }
    }

    /// Ends a running session. Returns the devices that were marked.
    func end(
        _ session: GuestSession, reason: GuestSession.EndReason, now: Date, _ connection: any SQLConnection
    ) throws -> [SiteDevice] {
        let renewals = try connection.rows(SessionSQL.renewals, [.id(session.id)]).map(SessionRow.session)
        var lifecycle = try Self.lifecycle(of: session.siteDevice, resumeCodes, now: now, connection)
        lifecycle.end(session, reason: reason, renewals: renewals)
        return try write(lifecycle, connection)
    }

    package func deleteSessions(endedBefore end: Date, limit: Int) async throws -> Int {
        try await guests.write { try $0.execute(SessionSQL.delete, [.date(end), .integer(limit)]) }
    }
}
