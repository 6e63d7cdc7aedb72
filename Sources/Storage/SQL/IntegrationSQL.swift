/// Statements on `integrations`.
enum IntegrationSQL {
    private static let columns = "id, workspace, name, provider, client_id, client_secret, tenant, created_at"

    static let page = """
        SELECT \(columns) FROM integrations WHERE workspace = ?1 AND (created_at, id) < (?2, ?3)
        ORDER BY created_at DESC, id DESC LIMIT ?4
        """
    static let all = "SELECT \(columns) FROM integrations ORDER BY created_at, id"
    static let one = "SELECT \(columns) FROM integrations WHERE id = ?1"
    static let insert = "INSERT INTO integrations (\(columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
    static let update = """
        UPDATE integrations SET name = ?2, provider = ?3, client_id = ?4, client_secret = ?5, tenant = ?6 WHERE id = ?1
        """
    static let delete = "DELETE FROM integrations WHERE id = ?1"
    static let user = "SELECT id FROM instances WHERE integration_id = ?1 LIMIT 1"
}
