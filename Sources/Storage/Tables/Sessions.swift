package import Captive
package import Foundation
package import NetworkAddress

extension Store {
    /// Returns nil if there is no such session, or it was deleted.
    package func session(_ id: UUID) async throws -> GuestSession? {
        try await database.readInline { try Self.session(id, $0) }
    }

    /// Returns the session of a device at a site: the active one, else the newest, running or not.
    package func latestSession(of client: MACAddress, at siteID: UUID) async throws -> GuestSession? {
        let device: [SQLValue] = [.id(siteID), .mac(client)]
        return try await database.readInline {
            try ($0.row(SessionSQL.active, device) ?? $0.row(SessionSQL.latest, device)).map(SessionRow.session)
        }
    }

    /// Returns the running sessions of a site at `address`: several if one device left the address and another took it.
    package func runningSessions(
        at address: IPAddress, atSite siteID: UUID, now: Date
    ) async throws -> [GuestSession] {
        try await database.readInline {
            try $0.rows(SessionSQL.runningAt, [.id(siteID), .ip(address), .date(now)]).map(SessionRow.session)
        }
    }

    /// Returns the running sessions of a device at its address, at any site.
    package func runningSessions(of client: GatewayClient, now: Date) async throws -> [GuestSession] {
        try await database.readInline {
            try $0.rows(SessionSQL.runningOfClient, [.ip(client.ip), .mac(client.mac), .date(now)])
                .map(SessionRow.session)
        }
    }

    /// Returns the running sessions of a site: what its router should hold.
    package func runningSessions(atSite siteID: UUID, now: Date) async throws -> [GuestSession] {
        try await database.read {
            try $0.rows(SessionSQL.runningOfSite, [.id(siteID), .date(now)]).map(SessionRow.session)
        }
    }

    /// Returns the session that replaced another when the router confirmed it; nil if none did.
    package func successor(of id: UUID) async throws -> GuestSession? {
        try await database.readInline { try $0.row(SessionSQL.successor, [.id(id)]).map(SessionRow.session) }
    }

    /// Returns the session and what its router still has to confirm for the device with the MAC address `device`, read
    /// together. Returns nil if there is no such session, or it was deleted.
    package func standing(of id: UUID, for device: MACAddress) async throws -> SessionStanding? {
        try await database.readInline { connection in
            guard let session = try Self.session(id, connection) else { return nil }
            let renewal = try connection.row(SessionSQL.renewals, [.id(id)]).map(SessionRow.session)
            return SessionStanding(session: session, renewal: renewal, device: device)
        }
    }

    /// Applies `SessionLifecycle.recapture`. Returns nil if the session is not running, or not on that device.
    package func recapture(_ id: UUID, at client: GatewayClient, now: Date) async throws -> GuestSession? {
        try await change { connection in
            guard let session = try Self.session(id, connection), session.isRunning(at: now) else { return (nil, []) }
            var lifecycle = try Self.lifecycle(of: session.siteDevice, resumeCodes, now: now, connection)
            let recaptured = lifecycle.recapture(session, at: client)
            return (recaptured, try write(lifecycle, connection))
        }
    }

    /// Applies `SessionLifecycle.end` to a running session; an admin also ends one that may return. Returns the session
    /// as it was; nil if nothing was ended.
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

    /// Deletes at most `limit` records of sessions that ended before `end`. Returns the number of deleted records.
    package func deleteSessions(endedBefore end: Date, limit: Int) async throws -> Int {
        try await guests.write { try $0.execute(SessionSQL.delete, [.date(end), .integer(limit)]) }
    }
}

/// Statements on `sessions`.
enum SessionSQL {
    static let columns = """
        id, site_id, instance_id, workspace, mac, ip, status, reason, strategy, coupon_id, provider, subject, email, \
        person, device, ttl, created_at, authorized_at, expires_at, ended_at, \
        moves, resume_lookup, replaces, awaiting_since, next_mac, next_ip, next_since
        """

    static let one = "SELECT \(columns) FROM sessions WHERE id = ?1"
    static let latest = """
        SELECT \(columns) FROM sessions WHERE site_id = ?1 AND mac = ?2 ORDER BY created_at DESC LIMIT 1
        """
    static let active = """
        SELECT \(columns) FROM sessions
        WHERE site_id = ?1 AND mac = ?2 AND ended_at IS NULL AND status = 'active' LIMIT 1
        """
    static let runningAt = """
        SELECT \(columns) FROM sessions WHERE site_id = ?1 AND ip = ?2 AND ended_at IS NULL AND expires_at > ?3
        """
    static let runningOfClient = """
        SELECT \(columns) FROM sessions WHERE ip = ?1 AND mac = ?2 AND ended_at IS NULL AND expires_at > ?3
        """
    static let runningOfSite = """
        SELECT \(columns) FROM sessions WHERE site_id = ?1 AND ended_at IS NULL AND expires_at > ?2
        """
    static let runningOfInstance = "SELECT \(columns) FROM sessions WHERE instance_id = ?1 AND ended_at IS NULL"
    static let over = """
        SELECT \(columns) FROM sessions WHERE ended_at IS NULL AND expires_at <= ?1 ORDER BY expires_at LIMIT ?2
        """
    static let delete = """
        DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE ended_at < ?1 ORDER BY ended_at LIMIT ?2)
        """
    static let insert = """
        INSERT INTO sessions (\(columns))
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,
                ?22, ?23, ?24, ?25, ?26, ?27)
        """
    /// The columns of `insert` that change during a session.
    static let update = """
        UPDATE sessions
        SET mac = ?2, ip = ?3, status = ?4, reason = ?5, ttl = ?6, authorized_at = ?7, expires_at = ?8, ended_at = ?9,
            moves = ?10, resume_lookup = ?11, awaiting_since = ?12, next_mac = ?13, next_ip = ?14, next_since = ?15,
            replaces = ?16
        WHERE id = ?1
        """
    static let runningOfDevice = """
        SELECT \(columns) FROM sessions WHERE site_id = ?1 AND mac = ?2 AND ended_at IS NULL
        """
    /// The active sessions that are about to move to a device.
    static let arriving = """
        SELECT \(columns) FROM sessions
        WHERE site_id = ?1 AND next_mac = ?2 AND next_mac IS NOT NULL AND ended_at IS NULL
        """
    static let resumable = """
        SELECT \(columns) FROM sessions WHERE resume_lookup = ?1 AND resume_lookup IS NOT NULL
        """
    /// The session that replaced another when the router confirmed it.
    static let successor = """
        SELECT \(columns) FROM sessions WHERE replaces = ?1 AND replaces IS NOT NULL AND authorized_at IS NOT NULL LIMIT 1
        """
    static let renewals = """
        SELECT \(columns) FROM sessions WHERE replaces = ?1 AND replaces IS NOT NULL AND ended_at IS NULL
            AND status = 'connecting'
        """
    static let recordMove = "INSERT INTO session_moves (session_id, moved_at, mac, ip) VALUES (?1, ?2, ?3, ?4)"
    static let movesSince = """
        SELECT moved_at FROM session_moves WHERE session_id = ?1 AND moved_at > ?2 ORDER BY moved_at
        """
    static let departure = """
        SELECT moved_at FROM session_moves JOIN sessions ON id = session_id
        WHERE session_moves.mac = ?1 AND site_id = ?2 AND instance_id = ?3 AND sessions.mac <> ?1
            AND ended_at IS NULL AND expires_at > ?4
        ORDER BY moved_at DESC LIMIT 1
        """
}

/// A session as a row of `SessionSQL.columns`.
enum SessionRow {
    static func session(_ row: SQLRow) throws -> GuestSession {
        var reader = RowReader(row)
        return try session(&reader)
    }

    static func session(_ reader: inout RowReader) throws -> GuestSession {
        GuestSession(
            id: try reader.id(), siteID: try reader.id(), instanceID: try reader.id(),
            workspace: try reader.workspace(), client: GatewayClient(mac: try reader.mac(), ip: try reader.ip()),
            status: try reader.word(), reason: try reader.optional { try $0.text() }, strategy: try reader.word(),
            couponID: try reader.optional { try $0.id() }, identity: try identity(&reader),
            device: try reader.optional { try $0.text() }, ttl: try reader.integer(), createdAt: try reader.date(),
            authorizedAt: try reader.optional { try $0.date() }, expiresAt: try reader.date(),
            endedAt: try reader.optional { try $0.date() }, moves: try reader.integer(),
            resumeLookup: try reader.optional { try Int64($0.integer()) },
            replaces: try reader.optional { try $0.id() }, awaitingSince: try reader.optional { try $0.date() },
            move: try move(&reader))
    }

    static func arguments(_ session: GuestSession) -> [SQLValue] {
        [
            .id(session.id), .id(session.siteID), .id(session.instanceID), .workspace(session.workspace),
            .mac(session.client.mac), .ip(session.client.ip), .text(session.status.rawValue), .text(session.reason),
            .text(session.strategy.rawValue), .id(session.couponID), .text(session.identity?.provider.rawValue),
            .text(session.identity?.subject), .text(session.identity?.email), .text(session.identity?.name),
            .text(session.device), .integer(session.ttl), .date(session.createdAt), .date(session.authorizedAt),
            .date(session.expiresAt), .date(session.endedAt), .integer(session.moves),
            session.resumeLookup.map { .integer($0) } ?? .null, .id(session.replaces),
        ] + pending(session)
    }

    /// The arguments of `SessionSQL.update`.
    static func changes(_ session: GuestSession) -> [SQLValue] {
        [
            .id(session.id), .mac(session.client.mac), .ip(session.client.ip), .text(session.status.rawValue),
            .text(session.reason), .integer(session.ttl), .date(session.authorizedAt), .date(session.expiresAt),
            .date(session.endedAt), .integer(session.moves), session.resumeLookup.map { .integer($0) } ?? .null,
        ] + pending(session) + [.id(session.replaces)]
    }

    private static func pending(_ session: GuestSession) -> [SQLValue] {
        let client = session.move?.client
        return [
            .date(session.awaitingSince), client.map { .mac($0.mac) } ?? .null, client.map { .ip($0.ip) } ?? .null,
            .date(session.move?.since),
        ]
    }

    private static func move(_ reader: inout RowReader) throws -> GuestSession.PendingMove? {
        let mac = try reader.optional { try $0.mac() }
        let ip = try reader.optional { try $0.ip() }
        let since = try reader.optional { try $0.date() }
        guard let mac, let ip, let since else { return nil }
        return GuestSession.PendingMove(client: GatewayClient(mac: mac, ip: ip), since: since)
    }

    private static func identity(_ reader: inout RowReader) throws -> GuestSession.Identity? {
        let provider = try reader.optional { try $0.word(AuthIntegration.Provider.self) }
        let subject = try reader.optional { try $0.text() }
        let email = try reader.optional { try $0.text() }
        let name = try reader.optional { try $0.text() }
        guard let provider, let subject else { return nil }
        return GuestSession.Identity(provider: provider, subject: subject, email: email, name: name)
    }
}
