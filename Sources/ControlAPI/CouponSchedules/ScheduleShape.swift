import Captive
import Foundation

extension CouponSchedule: Listed, Shaped {
    static let shape = Shape<CouponSchedule>(
        "CouponSchedule",
        [
            .init("id", "The schedule's ID.") { $0.id },
            .init("name", "What people call it.") { $0.name },
            .init("instance_id", "The instance that the coupons are for.") { $0.instanceID },
            .init("count", "How many coupons each run makes.") { $0.count },
            .init("recurrence_type", "On which days it runs.") { $0.recurrence.kind },
            .init("day_of_week", "For `weekly`: 0 for Sunday to 6 for Saturday.") { $0.recurrence.dayOfWeek },
            .init("day_of_month", "For `monthly`; beyond a month's end it is the month's last day.") {
                $0.recurrence.dayOfMonth
            },
            .init("valid_for_in_minutes", "For how many minutes from its run on a coupon can be redeemed.") {
                $0.validMinutes
            },
            .init("timezone", "Its time zone's IANA name.") { $0.recurrence.timeZone },
            .init("time_of_day", "When it runs, `HH:MM` by the clocks of its time zone.") {
                $0.recurrence.timeOfDay.description
            },
            .init("notification_group_id", "The ID of the notification group that is told of each run.") {
                $0.notificationGroupID?.description
            },
            .init("last_run_at", "When it ran last, by itself or because it was told to; null before that.") {
                $0.lastRunAt
            },
            .init("next_run_at", "When it runs next by itself.") { $0.nextRunAt },
            .init("tokens_used_since_last_run", "How many coupons of the last run have been redeemed.") {
                $0.tally.used
            },
            .init("tokens_generated_since_last_run", "How many coupons the last run made.") { $0.tally.generated },
            .init("tokens_available_since_last_run", "How many coupons of the last run can be redeemed now.") {
                $0.tally.available
            },
            .init("created_at", "When it was made.") { $0.createdAt },
        ])
}

extension Recurrence.Kind: JSONRepresentable {}
