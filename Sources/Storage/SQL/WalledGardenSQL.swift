/// Statements on `garden_entries`, and statements that find the sites whose walled gardens a change affects.
enum WalledGardenSQL {
    private static let columns = "id, site_id, name, destination, kind, created_at"

    static let page = """
        SELECT \(columns) FROM garden_entries WHERE site_id = ?1 AND (created_at, id) < (?2, ?3)
        ORDER BY created_at DESC, id DESC LIMIT ?4
        """
    static let one = "SELECT \(columns) FROM garden_entries WHERE id = ?1 AND site_id = ?2"
    static let holder = "SELECT id FROM garden_entries WHERE site_id = ?1 AND destination = ?2"
    static let count = "SELECT COUNT(*) FROM garden_entries WHERE site_id = ?1"
    static let insert = "INSERT INTO garden_entries (\(columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
    /// Arguments as `insert`; does not change site and creation time.
    static let update = """
        UPDATE garden_entries SET name = ?3, destination = ?4, kind = ?5
        WHERE id = ?1 AND site_id = ?2 AND created_at = ?6
        """
    static let delete = "DELETE FROM garden_entries WHERE id = ?1 AND site_id = ?2"

    static let providers = """
        SELECT g.provider FROM claims c JOIN instances i ON i.id = c.instance_id
            JOIN integrations g ON g.id = i.integration_id
        WHERE c.site_id = ?1
        """
    static let sitesOfIntegration = """
        SELECT c.site_id FROM instances i JOIN claims c ON c.instance_id = i.id WHERE i.integration_id = ?1
        """
}
