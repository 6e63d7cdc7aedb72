import Captive

/// The query for a site's users: fixed conditions, of which a filter chooses.
enum SiteUserSQL {
    static func page(_ filter: SiteUserFilter) -> (sql: String, arguments: [SQLValue]) {
        var conditions: [String] = []
        var arguments: [SQLValue] = []
        func add(_ condition: String, _ value: SQLValue) {
            // ?1 to ?4 are the site and the page.
            conditions.append(condition.replacing("?", with: "?\(5 + arguments.count)"))
            arguments.append(value)
        }
        if let status = filter.status { conditions.append(condition(status)) }
        if let mac = filter.mac { add("mac = ?", .mac(mac)) }
        if let ip = filter.ip { add("ip = ?", .ip(ip)) }
        if let text = filter.text {
            add(
                "LOWER(COALESCE(person, '') || ' ' || COALESCE(email, '') || ' ' || COALESCE(device, '')) LIKE ? ESCAPE '\\'",
                .text(pattern(text)))
        }
        let filters = conditions.map { " AND " + $0 }.joined()
        let sql = """
            SELECT \(SessionSQL.columns) FROM sessions WHERE site_id = ?1 AND (created_at, id) < (?2, ?3)\(filters)
            ORDER BY created_at DESC, id DESC LIMIT ?4
            """
        return (sql, arguments)
    }

    /// The word itself and not an argument, so that the engine sees which partial index has the rows.
    /// Those that run are few among all.
    private static func condition(_ status: GuestSession.Status) -> String {
        let isRunning = status == .connecting || status == .active
        return "status = '\(status.rawValue)'" + (isRunning ? " AND ended_at IS NULL" : "")
    }

    /// `text` anywhere, with the wildcards in it taken literally.
    private static func pattern(_ text: String) -> String {
        let escaped = text.lowercased().map { "\\%_".contains($0) ? "\\\($0)" : "\($0)" }.joined()
        return "%\(escaped)%"
    }
}
