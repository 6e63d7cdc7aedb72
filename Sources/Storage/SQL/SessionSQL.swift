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
