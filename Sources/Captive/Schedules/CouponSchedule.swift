package import Foundation
package import TimeZones

/// A schedule that creates coupons for an instance at fixed times.
package struct CouponSchedule: Sendable, Equatable, Identifiable {
    package let id: UUID
    package let instanceID: UUID
    package var name: String
    /// Number of coupons per run; within `countRange`.
    package var count: Int
    package var recurrence: Recurrence
    /// Minutes for which a coupon is valid after its run; within `validMinutesRange`.
    package var validMinutes: Int
    /// The notification group that receives each run's coupons.
    package var notificationGroupID: NotificationGroup.ID?
    package var lastRunAt: Date?
    package var nextRunAt: Date
    package let createdAt: Date
    /// Counts of the last run's coupons. Read-only.
    package var tally = CouponTally()

    package static let countRange = 1...500
    /// Up to 62.5 days.
    package static let validMinutesRange = 1...90_000

    package init(
        id: UUID, instanceID: UUID, name: String, count: Int, recurrence: Recurrence, validMinutes: Int,
        notificationGroupID: NotificationGroup.ID? = nil, lastRunAt: Date? = nil, nextRunAt: Date, createdAt: Date
    ) {
        self.id = id
        self.instanceID = instanceID
        self.name = name
        self.count = count
        self.recurrence = recurrence
        self.validMinutes = validMinutes
        self.notificationGroupID = notificationGroupID
        self.lastRunAt = lastRunAt
        self.nextRunAt = nextRunAt
        self.createdAt = createdAt
    }
}

extension CouponSchedule {
    /// The first run after both `now` and the last run, which may be later if the clock was set back.
    package func nextRun(after now: Date, by zones: ZoneDatabase) throws(ZoneDatabase.Failure) -> Date {
        let rules = try zones.rules(of: recurrence.timeZone)
        return recurrence.next(after: max(now, lastRunAt ?? now), by: rules)
    }
}

/// Counts of coupons that were created together.
package struct CouponTally: Sendable, Equatable {
    package var generated: Int
    package var used: Int
    /// Coupons that are neither used nor expired.
    package var available: Int

    package init(generated: Int = 0, used: Int = 0, available: Int = 0) {
        self.generated = generated
        self.used = used
        self.available = available
    }
}

/// The result of one run of a schedule.
package struct ScheduleRun: Sendable, Equatable {
    /// The schedule after the run.
    package let schedule: CouponSchedule
    package let coupons: [Coupon]
    /// The planned time; nil for a run that an admin requested.
    package let dueAt: Date?

    package init(schedule: CouponSchedule, coupons: [Coupon], dueAt: Date? = nil) {
        self.schedule = schedule
        self.coupons = coupons
        self.dueAt = dueAt
    }
}

/// The signed address at which a schedule's coupons can be read without a token.
package enum CouponListLink {
    package static let path = "/captive/coupons"

    /// Path and query of the list of a schedule's valid coupons, valid until `expires`.
    package static func sign(_ scheduleID: UUID, expires: Date, with signatures: SignedURL) -> String {
        signatures.sign(path, ["sid": scheduleID.text], expires: expires)
    }
}
