/// Statements on `api_tokens`.
enum APITokenSQL {
    private static let columns = "id, workspace, scopes, created_at, expires_at, revoked_at"

    static let all = "SELECT \(columns) FROM api_tokens ORDER BY created_at DESC, id DESC"
    static let insert = "INSERT INTO api_tokens (\(columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
    /// Keeps the time of the first revocation.
    static let revoke = "UPDATE api_tokens SET revoked_at = COALESCE(revoked_at, ?2) WHERE id = ?1"
    static let good = "SELECT id FROM api_tokens WHERE id = ?1 AND revoked_at IS NULL"
    static let one = "SELECT id FROM api_tokens WHERE id = ?1"
}
