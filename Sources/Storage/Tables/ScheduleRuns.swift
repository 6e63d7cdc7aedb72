package import Captive
package import Foundation
package import TimeZones

/// Executes runs of schedules, each in one transaction with its coupons and its notification.
extension Store {
    /// Creates coupons at an admin's request: sets the last run and keeps the next one. Returns nil if the instance has
    /// no such schedule.
    package func runSchedule(
        _ id: UUID, of instanceID: UUID, now: Date, codes: @Sendable @escaping () -> CouponCode
    ) async throws -> ScheduleRun? {
        try await database.write { connection in
            guard let schedule = try Self.schedule(id, connection), schedule.instanceID == instanceID,
                try connection.execute(ScheduleSQL.noteRun, [.id(id), .date(now)]) == 1
            else { return nil }
            return try makeRun(of: schedule, now: now.kept, codes, connection)
        }
    }

    /// Executes the run that is due at `now` and plans the next one, in one transaction with its coupons and its
    /// notification. Returns nil if the schedule is not due, does not exist, or was run by another process. Throws
    /// `ZoneDatabase.Failure` if the next run cannot be planned; nothing is created in that case.
    package func runDueSchedule(
        _ id: UUID, now: Date, zones: ZoneDatabase, codes: @Sendable @escaping () -> CouponCode
    ) async throws -> ScheduleRun? {
        try await database.write { connection in
            guard var schedule = try Self.schedule(id, connection), schedule.nextRunAt <= now else { return nil }
            let due = schedule.nextRunAt
            schedule.nextRunAt = try schedule.nextRun(after: now, by: zones)
            let claim: [SQLValue] = [.id(id), .date(now), .date(schedule.nextRunAt), .date(due)]
            guard try connection.execute(ScheduleSQL.claim, claim) == 1 else { return nil }
            return try makeRun(of: schedule, dueAt: due, now: now.kept, codes, connection)
        }
    }

    /// The schedules whose next run is not after `now`, the longest due first.
    package func dueSchedules(now: Date) async throws -> [CouponSchedule.ID] {
        try await database.read { connection in
            try connection.rows(ScheduleSQL.due, [.date(now)]).map { row in
                var reader = RowReader(row)
                return try reader.id()
            }
        }
    }

    /// The time of the next run of any schedule; nil if there is none.
    package func nextRun(after now: Date) async throws -> Date? {
        try await database.read { connection in
            try connection.row(ScheduleSQL.nextRun, [.date(now)]).map { row in
                var reader = RowReader(row)
                return try reader.date()
            }
        }
    }

    /// Plans every future run again, because time zone rules may have changed. Returns the number of changed runs.
    /// Skips schedules whose time zone cannot be read.
    package func replanSchedules(now: Date, zones: ZoneDatabase) async throws -> Int {
        try await database.write { connection in
            let ahead = try connection.rows(ScheduleSQL.ahead, [.date(now)]).map(ScheduleRow.schedule)
            return try ahead.reduce(0) { moved, schedule in
                guard let moment = try? schedule.nextRun(after: now, by: zones), moment != schedule.nextRunAt else {
                    return moved
                }
                let arguments: [SQLValue] = [.id(schedule.id), .date(moment), .date(schedule.nextRunAt)]
                return moved + (try connection.execute(ScheduleSQL.move, arguments))
            }
        }
    }

    /// Creates the schedule's coupons and their notification.
    private func makeRun(
        of schedule: CouponSchedule, dueAt: Date? = nil, now: Date, _ codes: () -> CouponCode,
        _ connection: any SQLConnection
    ) throws -> ScheduleRun {
        let expiresAt = now.addingTimeInterval(TimeInterval(schedule.validMinutes * 60)).kept
        let coupons = try Self.makeCoupons(
            schedule.count, for: schedule.instanceID, scheduleID: schedule.id, expiresAt: expiresAt, now: now,
            codes: codes, connection)
        if let group = schedule.notificationGroupID {
            let notification = CouponNotification(
                groupID: group, scheduleID: schedule.id, scheduleName: schedule.name, instanceID: schedule.instanceID,
                count: coupons.count, expiresAt: expiresAt, timeZone: schedule.recurrence.timeZone, createdAt: now)
            try enqueue(notification, connection)
        }
        var schedule = schedule
        schedule.lastRunAt = now
        return ScheduleRun(schedule: try Self.withTally(schedule, now: now, connection), coupons: coupons, dueAt: dueAt)
    }
}
