/// Statements on `coupon_schedules`, and on coupons by their schedule.
enum ScheduleSQL {
    private static let columns = """
        id, instance_id, name, coupons, recurrence, day_of_week, day_of_month, time_of_day, time_zone, valid_minutes, \
        notification_group_id, last_run_at, next_run_at, created_at
        """

    static let page = """
        SELECT \(columns) FROM coupon_schedules WHERE instance_id = ?1 AND (created_at, id) < (?2, ?3)
        ORDER BY created_at DESC, id DESC LIMIT ?4
        """
    static let one = "SELECT \(columns) FROM coupon_schedules WHERE id = ?1"
    /// Changes nothing, and locks the row until the transaction ends: a change that is read before a run and written
    /// after it would repeat the run.
    static let hold = "UPDATE coupon_schedules SET id = id WHERE id = ?1 AND instance_id = ?2"
    static let insert = """
        INSERT INTO coupon_schedules (\(columns))
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
        """
    /// Arguments as `insert`; does not change instance and creation time.
    static let update = """
        UPDATE coupon_schedules SET name = ?3, coupons = ?4, recurrence = ?5, day_of_week = ?6, day_of_month = ?7,
            time_of_day = ?8, time_zone = ?9, valid_minutes = ?10, notification_group_id = ?11, last_run_at = ?12,
            next_run_at = ?13
        WHERE id = ?1 AND instance_id = ?2 AND created_at = ?14
        """
    static let delete = "DELETE FROM coupon_schedules WHERE id = ?1 AND instance_id = ?2"
    static let deleteCoupons = "DELETE FROM coupons WHERE schedule_id = ?1"

    /// Changes no row if another process has executed this run.
    static let claim = """
        UPDATE coupon_schedules SET last_run_at = ?2, next_run_at = ?3 WHERE id = ?1 AND next_run_at = ?4
        """
    static let noteRun = "UPDATE coupon_schedules SET last_run_at = ?2 WHERE id = ?1"
    static let due = "SELECT id FROM coupon_schedules WHERE next_run_at <= ?1 ORDER BY next_run_at, id"
    static let nextRun = """
        SELECT next_run_at FROM coupon_schedules WHERE next_run_at > ?1 ORDER BY next_run_at LIMIT 1
        """
    static let ahead = "SELECT \(columns) FROM coupon_schedules WHERE next_run_at > ?1"
    static let move = "UPDATE coupon_schedules SET next_run_at = ?2 WHERE id = ?1 AND next_run_at = ?3"

    /// Counts of the coupons created at or after `?2`: all, the used ones, and those that can be used at `?3`.
    static let tally = """
        SELECT COUNT(*), COUNT(redeemed_at), COUNT(CASE WHEN redeemed_at IS NULL AND expires_at > ?3 THEN 1 END)
        FROM coupons WHERE schedule_id = ?1 AND created_at >= ?2
        """
    static let validCoupons = """
        SELECT \(CouponSQL.columns) FROM coupons
        WHERE schedule_id = ?1 AND redeemed_at IS NULL AND (created_at, id) < (?2, ?3) AND expires_at > ?5
        ORDER BY created_at DESC, id DESC LIMIT ?4
        """
}
