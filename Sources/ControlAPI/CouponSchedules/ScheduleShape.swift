import Captive
import Foundation

extension CouponSchedule: Pageable, Shaped {
    static let shape = Shape<CouponSchedule>(
        "CouponSchedule",
        [
            .init("id", "The schedule's ID.") { $0.id },
            .init("name", "The name, shown to admins and in notifications.") { $0.name },
            .init("instance_id", "The ID of the instance that the coupons are for.") { $0.instanceID },
            .init("count", "Number of coupons that each run creates.") { $0.count },
            .init("recurrence_type", "How often the schedule runs.") { $0.recurrence.kind },
            .init("day_of_week", "Required for `weekly`: 0 (Sunday) to 6 (Saturday).") { $0.recurrence.dayOfWeek },
            .init("day_of_month", "Required for `monthly`; in shorter months the last day of the month.") {
                $0.recurrence.dayOfMonth
            },
            .init("valid_for_in_minutes", "Minutes from the run during which a coupon can be redeemed.") {
                $0.validMinutes
            },
            .init("timezone", "The IANA name of the schedule's time zone.") { $0.recurrence.timeZone },
            .init("time_of_day", "Time of the run, `HH:MM` in the schedule's time zone.") {
                $0.recurrence.timeOfDay.description
            },
            .init(
                "notification_group_id", "The ID of the notification group that is notified of each run; null if none."
            ) {
                $0.notificationGroupID?.description
            },
            .init("last_run_at", "Time of the last run, scheduled or by API call; null if none.") {
                $0.lastRunAt
            },
            .init("next_run_at", "Time of the next scheduled run.") { $0.nextRunAt },
            .init("tokens_used_since_last_run", "Number of coupons of the last run that have been redeemed.") {
                $0.tally.used
            },
            .init("tokens_generated_since_last_run", "Number of coupons that the last run created.") {
                $0.tally.generated
            },
            .init("tokens_available_since_last_run", "Number of coupons of the last run that can still be redeemed.") {
                $0.tally.available
            },
            .init("created_at", "When the schedule was created.") { $0.createdAt },
        ])
}

extension Recurrence.Kind: JSONRepresentable {}
