/// Statements on `sites`.
enum SiteSQL {
    private static let columns = """
        id, workspace, name, driver, url, username, password, authority, pinned_digest, fas_key, created_at
        """

    static let page = """
        SELECT \(columns) FROM sites WHERE workspace = ?1 AND (created_at, id) < (?2, ?3)
        ORDER BY created_at DESC, id DESC LIMIT ?4
        """
    static let one = "SELECT \(columns) FROM sites WHERE id = ?1"
    static let withRouter = "SELECT \(columns) FROM sites WHERE driver IS NOT NULL ORDER BY id"
    /// Arguments of both: id, workspace, name, driver, url, username, password, authority, digest, key;
    /// `insert` adds the time.
    static let insert = "INSERT INTO sites (\(columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
    static let update = """
        UPDATE sites SET name = ?3, driver = ?4, url = ?5, username = ?6, password = ?7, authority = ?8,
            pinned_digest = ?9, fas_key = ?10
        WHERE id = ?1 AND workspace = ?2
        """
    static let register = """
        INSERT INTO sites (id, workspace, created_at) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO NOTHING
        """
    static let owner = "SELECT workspace FROM sites WHERE id = ?1"
    static let delete = "DELETE FROM sites WHERE id = ?1"
    static let user = "SELECT instance_id FROM claims WHERE site_id = ?1 LIMIT 1"
}
