import Captive
import Foundation
import TimeZones

/// The schedule fields in a request body; nil for fields that are omitted.
struct ScheduleChanges: Sendable {
    let name: String?
    let count: Int?
    let kind: Recurrence.Kind?
    let dayOfWeek: Int??
    let dayOfMonth: Int??
    let timeOfDay: TimeOfDay?
    let timeZone: String?
    let validMinutes: Int?
    let groupID: NotificationGroup.ID??

    /// The body of a POST (`isNew`) or a PUT.
    static func input(isNew: Bool, zones: Schema) -> Input<ScheduleChanges> {
        let name = isNew ? "CouponScheduleCreate" : "CouponScheduleUpdate"
        return Input(name, resource: CouponSchedule.shape.schema, discriminator: "recurrence_type") {
            ScheduleChanges(from: &$0, isNew: isNew, zones: zones)
        }
    }

    private init(from fields: inout FieldReader, isNew: Bool, zones: Schema) {
        func field<Value>(_ name: String, _ rule: Rule<Value>) -> Value? {
            isNew ? fields.required(name, rule) : fields.optional(name, rule)
        }
        name = field("name", .line())
        count = field("count", .integer(CouponSchedule.countRange))
        let kind: Recurrence.Kind? = field("recurrence_type", .enumeration)
        self.kind = kind
        dayOfWeek = Self.day("day_of_week", Recurrence.dayOfWeekRange, of: &fields, kind == .weekly, isNew)
        dayOfMonth = Self.day("day_of_month", Recurrence.dayOfMonthRange, of: &fields, kind == .monthly, isNew)
        timeOfDay = fields.optional("time_of_day", .timeOfDay)
        timeZone = field("timezone", .timeZone(zones))
        validMinutes = field("valid_for_in_minutes", .integer(CouponSchedule.validMinutesRange, "minutes"))
        groupID = fields.nullable("notification_group_id", .notificationGroup)
        if !isNew {
            fields.ignore(
                "id", "instance_id", "last_run_at", "next_run_at", "tokens_used_since_last_run",
                "tokens_generated_since_last_run", "tokens_available_since_last_run", "created_at")
        }
    }

    /// `isNeeded` is true if the recurrence type requires the day, which then must not be null.
    private static func day(
        _ name: String, _ range: ClosedRange<Int>, of fields: inout FieldReader, _ isNeeded: Bool, _ isNew: Bool
    ) -> Int?? {
        let rule = Rule.integer(range)
        guard isNeeded else { return fields.nullable(name, rule) }
        let day =
            isNew ? fields.required(name, rule, nullIsMissing: true) : fields.optional(name, rule, nullIsMissing: true)
        return day.map(Optional.some)
    }

    /// The changes applied to `old`, which is nil for a new schedule. Throws `APIError` if a required part is missing.
    func recurrence(after old: Recurrence?) throws -> Recurrence {
        guard let kind = kind ?? old?.kind else { throw APIError.missing("recurrence_type") }
        guard let timeZone = timeZone ?? old?.timeZone else { throw APIError.missing("timezone") }
        let recurrence = Recurrence(
            kind, dayOfWeek: dayOfWeek ?? old?.dayOfWeek, dayOfMonth: dayOfMonth ?? old?.dayOfMonth,
            at: timeOfDay ?? old?.timeOfDay ?? .default, in: timeZone)
        guard let recurrence else {
            let day = kind == .weekly ? "day_of_week" : "day_of_month"
            throw APIError(
                .conflict, "A \(kind.rawValue) schedule requires a day, and this schedule has none. Add '\(day)'.")
        }
        return recurrence
    }

    /// Recalculates the next run only if the recurrence changes, so that a run that is due is not lost by a new name.
    func apply(to schedule: inout CouponSchedule, now: Date, zones: ZoneDatabase) throws {
        let recurrence = try recurrence(after: schedule.recurrence)
        schedule.name = name ?? schedule.name
        schedule.count = count ?? schedule.count
        schedule.validMinutes = validMinutes ?? schedule.validMinutes
        schedule.notificationGroupID = groupID ?? schedule.notificationGroupID
        guard recurrence != schedule.recurrence else { return }
        schedule.recurrence = recurrence
        schedule.nextRunAt = recurrence.next(after: now, by: try zones.known(recurrence.timeZone))
    }
}

extension Rule where Value == TimeOfDay {
    fileprivate static var timeOfDay: Rule {
        Rule(
            expected: "a time from 00:00 to 23:59, as HH:MM",
            schema: [
                "type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$", "default": "08:00",
                "examples": ["08:00"],
            ]
        ) { value in
            guard case .string(let text) = value else { return nil }
            return TimeOfDay(text)
        }
    }
}

extension Rule where Value == String {
    /// Any text; the zone is looked up in the time zone database when it is used.
    fileprivate static func timeZone(_ zones: Schema) -> Rule {
        Rule(expected: "the IANA name of a time zone, such as Australia/Sydney", schema: zones) { value in
            guard case .string(let text) = value else { return nil }
            return text
        }
    }
}

extension Rule where Value == NotificationGroup.ID {
    fileprivate static var notificationGroup: Rule {
        Rule(
            expected: "the ID of an existing notification group",
            schema: ["type": "string", "pattern": "^ng_[0-9a-f]{32}$"]
        ) { value in
            guard case .string(let text) = value else { return nil }
            return NotificationGroup.ID(text)
        }
    }
}
