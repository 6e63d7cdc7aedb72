import Captive
import Foundation

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
