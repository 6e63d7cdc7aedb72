/// Statements on `notification_groups` and on the states of their latest deliveries.
enum NotificationGroupSQL {
    private static let columns = "id, workspace, name, emails, webhook_url, webhook_secret, created_at"

    static let page = """
        SELECT \(columns) FROM notification_groups WHERE workspace = ?1 AND (created_at, id) < (?2, ?3)
        ORDER BY created_at DESC, id DESC LIMIT ?4
        """
    static let one = "SELECT \(columns) FROM notification_groups WHERE id = ?1"
    static let insert = "INSERT INTO notification_groups (\(columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
    static let update = """
        UPDATE notification_groups SET name = ?2, emails = ?3, webhook_url = ?4, webhook_secret = ?5 WHERE id = ?1
        """
    /// Changes nothing, and locks the row until the transaction ends.
    static let hold = "UPDATE notification_groups SET id = id WHERE id = ?1 AND workspace = ?2"
    static let delete = "DELETE FROM notification_groups WHERE id = ?1"
    static let user = "SELECT id FROM coupon_schedules WHERE notification_group_id = ?1 LIMIT 1"

    static let states = """
        SELECT channel, target, status, reason, at FROM delivery_states WHERE group_id = ?1 ORDER BY channel, target
        """
    /// Writes nothing if the group was deleted.
    static let setState = """
        INSERT INTO delivery_states (group_id, channel, target, status, reason, at)
        SELECT id, ?2, ?3, ?4, ?5, CAST(?6 AS BIGINT) FROM notification_groups WHERE id = ?1
        ON CONFLICT (group_id, channel, target)
        DO UPDATE SET status = excluded.status, reason = excluded.reason, at = excluded.at
        """
    static let deleteState = "DELETE FROM delivery_states WHERE group_id = ?1 AND channel = ?2 AND target = ?3"
}

/// Statements on `deliveries`, the outbox. Every row is pending: finished deliveries are deleted.
enum DeliverySQL {
    private static let columns = """
        id, notice_id, group_id, schedule_id, schedule_name, instance_id, coupons, expires_at, time_zone, created_at, \
        channel, target, attempts, due_at
        """

    static let insert = """
        INSERT INTO deliveries (\(columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
        """
    /// A page of the due deliveries, after the row of ?2 and ?3.
    static let due = """
        SELECT \(columns), (SELECT workspace FROM notification_groups g WHERE g.id = deliveries.group_id)
        FROM deliveries WHERE due_at <= ?1 AND (due_at, id) > (?2, ?3) ORDER BY due_at, id LIMIT ?4
        """
    /// Claims the row unless it was claimed since it was read.
    static let claim = "UPDATE deliveries SET attempts = attempts + 1, due_at = ?3 WHERE id = ?1 AND attempts = ?2"
    static let postpone = "UPDATE deliveries SET due_at = ?3 WHERE id = ?1 AND attempts = ?2"
    static let delete = "DELETE FROM deliveries WHERE id = ?1"
    static let deleteOfTarget = "DELETE FROM deliveries WHERE group_id = ?1 AND channel = ?2 AND target = ?3"
}
