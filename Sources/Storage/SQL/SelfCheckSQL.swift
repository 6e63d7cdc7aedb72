/// Statements on `self_checks`, which has one row.
enum SelfCheckSQL {
    static let write = """
        INSERT INTO self_checks (id, written_at, filler) VALUES (1, ?1, ?2)
        ON CONFLICT (id) DO UPDATE SET written_at = excluded.written_at, filler = excluded.filler
        """

    static let clock = "SELECT trusted_at, doubted_from, doubted_until FROM self_checks WHERE id = 1"
    static let keepClock = """
        INSERT INTO self_checks (id, trusted_at, doubted_from, doubted_until) VALUES (1, ?1, ?2, ?3)
        ON CONFLICT (id) DO UPDATE SET trusted_at = excluded.trusted_at, doubted_from = excluded.doubted_from,
            doubted_until = excluded.doubted_until
        """
    /// The time of the newest row.
    static let newest = """
        SELECT MAX(at) FROM (
            SELECT MAX(created_at) AS at FROM sessions UNION ALL SELECT MAX(created_at) FROM coupons
            UNION ALL SELECT MAX(created_at) FROM audit_entries UNION ALL SELECT MAX(created_at) FROM api_tokens
            UNION ALL SELECT MAX(created_at) FROM instances UNION ALL SELECT MAX(created_at) FROM sites) AS times
        """
}
