/// Statements on `coupons`.
enum CouponSQL {
    static let columns = "id, instance_id, schedule_id, code, expires_at, redeemed_at, created_at"

    static let validPage = """
        SELECT \(columns) FROM coupons
        WHERE instance_id = ?1 AND redeemed_at IS NULL AND (created_at, id) < (?2, ?3) AND expires_at > ?5
        ORDER BY created_at DESC, id DESC LIMIT ?4
        """
    static let insert = """
        INSERT INTO coupons (\(columns), workspace) VALUES (?1, ?2, ?3, ?4, ?5, NULL, ?6, ?7)
        """
    /// A used coupon holds its code until its time is over, because the coupon may be returned.
    static let holderOfCode = """
        SELECT id FROM coupons WHERE instance_id = ?1 AND code = ?2 AND expires_at > ?3 LIMIT 1
        """
    static let delete = "DELETE FROM coupons WHERE id = ?1 AND instance_id = ?2"
    static let forget = """
        DELETE FROM coupons WHERE id IN (
            SELECT c.id FROM coupons c WHERE c.expires_at < ?1
                AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.id = c.session_id AND s.ended_at IS NULL)
                AND NOT EXISTS (
                    SELECT 1 FROM coupon_schedules p WHERE p.id = c.schedule_id AND p.last_run_at <= c.created_at)
            ORDER BY c.expires_at LIMIT ?2)
        """

    /// Every coupon of the workspace with the code, and the session that used it.
    static let candidates = """
        SELECT \(prefixed(columns, "c")), \(prefixed(SessionSQL.columns, "s"))
        FROM coupons c LEFT JOIN sessions s ON s.id = c.session_id
        WHERE c.code = ?1 AND c.workspace = ?2
        """
    /// Changes no row if another device has redeemed the coupon first.
    static let redeem = """
        UPDATE coupons SET redeemed_at = ?2, session_id = ?3 WHERE id = ?1 AND redeemed_at IS NULL AND expires_at > ?2
        """
    static let giveBack = "UPDATE coupons SET redeemed_at = NULL, session_id = NULL WHERE id = ?1 AND session_id = ?2"

    private static func prefixed(_ columns: String, _ table: String) -> String {
        columns.split(separator: ", ").map { "\(table).\($0)" }.joined(separator: ", ")
    }
}
