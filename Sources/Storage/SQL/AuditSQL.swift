import Captive

/// Statements on `audit_entries` and on `kept_answers`.
enum AuditSQL {
    private static let columns = """
        id, workspace, token_id, subject, address, action, resource, resource_id, path, fields, created_at
        """

    static let insert = """
        INSERT INTO audit_entries (\(columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
        """
    static let complete = "UPDATE audit_entries SET resource_id = ?2 WHERE id = ?1 AND resource_id IS NULL"
    static let forget = """
        DELETE FROM audit_entries
        WHERE id IN (SELECT id FROM audit_entries WHERE created_at < ?1 ORDER BY created_at LIMIT ?2)
        """

    /// A page of a workspace's entries, with those of several fixed conditions that the filter selects.
    static func page(_ filter: AuditFilter) -> (sql: String, arguments: [SQLValue]) {
        var conditions: [String] = []
        var arguments: [SQLValue] = []
        func add(_ condition: String, _ value: SQLValue?) {
            guard let value else { return }
            // ?1 to ?4 are the workspace and the page.
            conditions.append(" AND " + condition.replacing("?", with: "?\(5 + arguments.count)"))
            arguments.append(value)
        }
        add("resource = ?", filter.resource.map { .text($0) })
        add("resource_id = ?", filter.resourceID.map { .text($0) })
        add("token_id = ?", filter.tokenID.map { .text($0) })
        add("created_at >= ?", filter.since.map { .date($0) })
        add("created_at < ?", filter.until.map { .date($0) })
        let sql = """
            SELECT \(columns) FROM audit_entries WHERE workspace = ?1 AND (created_at, id) < (?2, ?3)\(conditions.joined())
            ORDER BY created_at DESC, id DESC LIMIT ?4
            """
        return (sql, arguments)
    }

    static let earlier = """
        SELECT request, answer, created_at FROM kept_answers WHERE workspace = ?1 AND key = ?2 AND created_at > ?3
        """
    static let forgetOld = "DELETE FROM kept_answers WHERE workspace = ?1 AND key = ?2 AND created_at <= ?3"
    static let claim = """
        INSERT INTO kept_answers (workspace, key, request, created_at) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (workspace, key) DO NOTHING
        """
    static let keep = """
        INSERT INTO kept_answers (workspace, key, request, created_at, answer) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (workspace, key) DO UPDATE SET answer = COALESCE(kept_answers.answer, excluded.answer)
        WHERE kept_answers.request = excluded.request
        """
    static let forgetAnswers = """
        DELETE FROM kept_answers WHERE (workspace, key) IN
        (SELECT workspace, key FROM kept_answers WHERE created_at < ?1 ORDER BY created_at LIMIT ?2)
        """
}
