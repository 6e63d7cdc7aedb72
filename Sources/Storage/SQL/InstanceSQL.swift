/// Statements on `instances` and `claims`.
enum InstanceSQL {
    private static let columns = """
        id, workspace, name, strategy, session_ttl, auth_window_ttl, coupon_ttl, integration_id, colors, logo_id, logo_type,
        logo_width, logo_height, icon_id, icon_type, icon_width, icon_height, terms_text, locale, created_at, revision,
        venue_info_url
        """

    static let page = """
        SELECT \(columns) FROM instances WHERE workspace = ?1 AND (created_at, id) < (?2, ?3)
        ORDER BY created_at DESC, id DESC LIMIT ?4
        """
    static let one = "SELECT \(columns) FROM instances WHERE id = ?1"
    static let atSite = """
        SELECT \(columns) FROM instances WHERE id IN (SELECT instance_id FROM claims WHERE site_id = ?1)
        ORDER BY created_at DESC, id DESC
        """
    static let insert = """
        INSERT INTO instances (\(columns))
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,
                ?22)
        """
    /// Arguments as `insert`; does not change workspace and creation time.
    static let update = """
        UPDATE instances SET name = ?3, strategy = ?4, session_ttl = ?5, auth_window_ttl = ?6, coupon_ttl = ?7,
            integration_id = ?8, colors = ?9, logo_id = ?10, logo_type = ?11, logo_width = ?12, logo_height = ?13,
            icon_id = ?14, icon_type = ?15, icon_width = ?16, icon_height = ?17, terms_text = ?18, locale = ?19,
            revision = ?21, venue_info_url = ?22
        WHERE id = ?1 AND workspace = ?2 AND created_at = ?20
        """
    static let delete = "DELETE FROM instances WHERE id = ?1"
    static let workspace = "SELECT workspace FROM instances WHERE id = ?1"
    static let integrationOwner = "SELECT workspace FROM integrations WHERE id = ?1"

    static let allClaims = """
        SELECT claims.site_id, claims.subnet, claims.instance_id, instances.workspace
        FROM claims JOIN instances ON instances.id = claims.instance_id
        WHERE claims.subnet IS NOT NULL ORDER BY claims.site_id
        """
    static let claimsOf =
        "SELECT site_position, site_id, subnet FROM claims WHERE instance_id = ?1 ORDER BY site_position, position"
    static let claimsAt = "SELECT subnet FROM claims WHERE site_id = ?1 AND instance_id <> ?2 AND subnet IS NOT NULL"
    static let insertClaim = """
        INSERT INTO claims (instance_id, site_position, position, site_id, subnet) VALUES (?1, ?2, ?3, ?4, ?5)
        """
    static let deleteClaims = "DELETE FROM claims WHERE instance_id = ?1"
}
