package import Captive
package import Foundation

extension Store {
    /// Newest first, with tallies as of `now`.
    package func schedules(of instanceID: UUID, now: Date, page: ListPage) async throws -> [CouponSchedule] {
        try await database.read { connection in
            try connection.rows(ScheduleSQL.page, [.id(instanceID)] + page.arguments).map {
                try Self.withTally(ScheduleRow.schedule($0), now: now, connection)
            }
        }
    }

    /// Returns nil if there is no such schedule.
    package func schedule(_ id: UUID, now: Date) async throws -> CouponSchedule? {
        try await database.read { connection in
            try Self.schedule(id, connection).map { try Self.withTally($0, now: now, connection) }
        }
    }

    /// As `schedule(_:now:)`. Returns nil if the schedule belongs to another instance.
    package func schedule(_ id: UUID, of instanceID: UUID, now: Date) async throws -> CouponSchedule? {
        guard let schedule = try await schedule(id, now: now), schedule.instanceID == instanceID else { return nil }
        return schedule
    }

    /// Creates new sites as needed. Throws `StoreError.conflict` if a subnet overlaps that of another instance at the
    /// same site, or if a site belongs to another workspace.
    package func create(_ schedule: CouponSchedule) async throws {
        try await database.write { connection in
            try Self.holdGroup(of: schedule, connection)
            try connection.execute(ScheduleSQL.insert, ScheduleRow.arguments(schedule))
        }
        onChange(.schedule(schedule.id))
    }

    /// Applies `change` to the schedule in one transaction and returns the result. Throws `StoreError.notFound` if the
    /// instance has no such schedule or its workspace no such notification group. Rethrows errors of `change`.
    package func updateSchedule(
        _ id: UUID, of instanceID: UUID, now: Date, _ change: @Sendable @escaping (inout CouponSchedule) throws -> Void
    ) async throws -> CouponSchedule {
        let changed = try await database.write { connection in
            guard try connection.execute(ScheduleSQL.hold, [.id(id), .id(instanceID)]) == 1,
                var schedule = try Self.schedule(id, connection)
            else { throw StoreError.notFound }
            try change(&schedule)
            try Self.holdGroup(of: schedule, connection)
            try connection.execute(ScheduleSQL.update, ScheduleRow.arguments(schedule))
            return try Self.withTally(schedule, now: now, connection)
        }
        onChange(.schedule(id))
        return changed
    }

    /// Deletes the schedule and its coupons. Running sessions continue. Returns false if there is no such schedule.
    package func deleteSchedule(_ id: UUID, of instanceID: UUID) async throws -> Bool {
        try await database.write { connection in
            guard try connection.execute(ScheduleSQL.delete, [.id(id), .id(instanceID)]) == 1 else { return false }
            try connection.execute(ScheduleSQL.deleteCoupons, [.id(id)])
            return true
        }
    }

    /// The schedule's coupons that are neither redeemed nor expired at `now`, newest first.
    package func validCoupons(ofSchedule id: UUID, now: Date, page: ListPage) async throws -> [Coupon] {
        try await database.read {
            try $0.rows(ScheduleSQL.validCoupons, [.id(id)] + page.arguments + [.date(now)]).map(CouponRow.coupon)
        }
    }

    static func schedule(_ id: UUID, _ connection: any SQLConnection) throws -> CouponSchedule? {
        try connection.row(ScheduleSQL.one, [.id(id)]).map(ScheduleRow.schedule)
    }

    static func withTally(
        _ schedule: CouponSchedule, now: Date, _ connection: any SQLConnection
    ) throws -> CouponSchedule {
        guard let lastRunAt = schedule.lastRunAt else { return schedule }
        let arguments: [SQLValue] = [.id(schedule.id), .date(lastRunAt), .date(now)]
        var schedule = schedule
        schedule.tally = try connection.row(ScheduleSQL.tally, arguments).map(ScheduleRow.tally) ?? CouponTally()
        return schedule
    }

    private static func holdGroup(of schedule: CouponSchedule, _ connection: any SQLConnection) throws {
        guard let instance = try connection.row(InstanceSQL.workspace, [.id(schedule.instanceID)]) else {
            throw StoreError.notFound
        }
        guard let group = schedule.notificationGroupID else { return }
        var reader = RowReader(instance)
        try hold(group, in: reader.workspace(), connection)
    }
}

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

/// A schedule as a row of `ScheduleSQL`.
enum ScheduleRow {
    /// The schedule without its tally.
    static func schedule(_ row: SQLRow) throws -> CouponSchedule {
        var reader = RowReader(row)
        return CouponSchedule(
            id: try reader.id(), instanceID: try reader.id(), name: try reader.text(), count: try reader.integer(),
            recurrence: try recurrence(&reader), validMinutes: try reader.integer(),
            notificationGroupID: try reader.optional { NotificationGroup.ID(try $0.id()) },
            lastRunAt: try reader.optional { try $0.date() }, nextRunAt: try reader.date(),
            createdAt: try reader.date())
    }

    static func arguments(_ schedule: CouponSchedule) -> [SQLValue] {
        let recurrence = schedule.recurrence
        return [
            .id(schedule.id), .id(schedule.instanceID), .text(schedule.name), .integer(schedule.count),
            .text(recurrence.kind.rawValue), .integer(recurrence.dayOfWeek), .integer(recurrence.dayOfMonth),
            .integer(recurrence.timeOfDay.minutes), .text(recurrence.timeZone), .integer(schedule.validMinutes),
            .id(schedule.notificationGroupID?.uuid), .date(schedule.lastRunAt), .date(schedule.nextRunAt),
            .date(schedule.createdAt),
        ]
    }

    static func tally(_ row: SQLRow) throws -> CouponTally {
        var reader = RowReader(row)
        return CouponTally(
            generated: try reader.integer(), used: try reader.integer(), available: try reader.integer())
    }

    private static func recurrence(_ reader: inout RowReader) throws -> Recurrence {
        let kind = try reader.word(Recurrence.Kind.self)
        let dayOfWeek = try reader.optional { try $0.integer() }
        let dayOfMonth = try reader.optional { try $0.integer() }
        let time = try TimeOfDay(minutes: try reader.integer()) ?? reader.damaged("time of day")
        let timeZone = try reader.text()
        return try Recurrence(kind, dayOfWeek: dayOfWeek, dayOfMonth: dayOfMonth, at: time, in: timeZone)
            ?? reader.damaged("recurrence")
    }
}

extension SQLValue {
    fileprivate static func integer(_ value: Int?) -> SQLValue { value.map { .integer(Int64($0)) } ?? .null }
}
