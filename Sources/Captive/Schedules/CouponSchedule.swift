package import Foundation
package import TimeZones

/// Makes coupons for an instance again and again.
package struct CouponSchedule: Sendable, Equatable, Identifiable {
    package let id: UUID
    package let instanceID: UUID
    package var name: String
    /// Coupons that each run makes; within `countRange`.
    package var count: Int
    package var recurrence: Recurrence
    /// Minutes that a coupon is valid from its run on; within `validMinutesRange`.
    package var validMinutes: Int
    /// Who is told of each run.
    package var notificationGroupID: NotificationGroup.ID?
    package var lastRunAt: Date?
    package var nextRunAt: Date
    package let createdAt: Date
    /// What became of the last run's coupons. Read with the schedule, never written with it.
    package var tally = CouponTally()

    package static let countRange = 1...500
    /// To 62.5 days.
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
    /// The first run that is after `now`, and after the last one even if clocks were set back since. Throws
    /// `ZoneDatabase.Failure`.
    package func nextRun(after now: Date, by zones: ZoneDatabase) throws(ZoneDatabase.Failure) -> Date {
        let rules = try zones.rules(of: recurrence.timeZone)
        return recurrence.next(after: max(now, lastRunAt ?? now), by: rules)
    }
}

/// What became of coupons that were made together.
package struct CouponTally: Sendable, Equatable {
    package var generated: Int
    package var used: Int
    /// Neither used nor expired.
    package var available: Int

    package init(generated: Int = 0, used: Int = 0, available: Int = 0) {
        self.generated = generated
        self.used = used
        self.available = available
    }
}

/// What one run of a schedule did.
package struct ScheduleRun: Sendable, Equatable {
    /// As it is after the run.
    package let schedule: CouponSchedule
    package let coupons: [Coupon]
    /// When it was to be made; nil for one that an admin wished for.
    package let dueAt: Date?

    package init(schedule: CouponSchedule, coupons: [Coupon], dueAt: Date? = nil) {
        self.schedule = schedule
        self.coupons = coupons
        self.dueAt = dueAt
    }
}

/// Keeps schedules, and makes their coupons.
package protocol CouponScheduleStore: Sendable {
    /// Newest first; tallies as at `now`.
    func schedules(of instanceID: UUID, now: Date, page: ListPage) async throws -> [CouponSchedule]
    /// Nil if there is none with that id.
    func schedule(_ id: UUID, now: Date) async throws -> CouponSchedule?
    /// Throws `StoreError.notFound` if the instance is gone, or its workspace has no such notification group.
    func create(_ schedule: CouponSchedule) async throws
    /// Reads, lets `change` alter and writes, in one transaction; returns what was written. Throws
    /// `StoreError.notFound` if the instance has no such schedule or its workspace no such notification group, and
    /// whatever `change` throws.
    func updateSchedule(
        _ id: UUID, of instanceID: UUID, now: Date, _ change: @Sendable @escaping (inout CouponSchedule) throws -> Void
    ) async throws -> CouponSchedule
    /// Deletes the schedule with its coupons; running sessions keep their time. False if the instance has none.
    func deleteSchedule(_ id: UUID, of instanceID: UUID) async throws -> Bool
    /// The schedule's coupons that are neither redeemed nor expired at `now`, newest first.
    func validCoupons(ofSchedule id: UUID, now: Date, page: ListPage) async throws -> [Coupon]

    /// Makes coupons at an admin's wish: sets the last run and leaves the next one.
    /// Nil if the instance has no such schedule.
    func runSchedule(
        _ id: UUID, of instanceID: UUID, now: Date, codes: @Sendable @escaping () -> CouponCode
    ) async throws -> ScheduleRun?
    /// Makes the run that is due at `now`, and plans the next. In one transaction with its coupons and its notice, and
    /// only if no other process has made that run: then nil, as for a schedule that is not due or gone. Throws
    /// `ZoneDatabase.Failure` if the next run cannot be planned; then nothing was made.
    func runDueSchedule(
        _ id: UUID, now: Date, zones: ZoneDatabase, codes: @Sendable @escaping () -> CouponCode
    ) async throws -> ScheduleRun?
    /// Those whose next run is not after `now`, the longest due first.
    func dueSchedules(now: Date) async throws -> [CouponSchedule.ID]
    /// When the next run of any schedule is; nil if none is ahead.
    func nextRun(after now: Date) async throws -> Date?
    /// Plans anew every run that is ahead, since the rules of a time zone may have changed after it was planned.
    /// Answers how many were moved. One whose zone cannot be read stays.
    func replanSchedules(now: Date, zones: ZoneDatabase) async throws -> Int
}

extension CouponScheduleStore {
    /// As `schedule(_:now:)`, if it is of that instance.
    package func schedule(_ id: UUID, of instanceID: UUID, now: Date) async throws -> CouponSchedule? {
        guard let schedule = try await schedule(id, now: now), schedule.instanceID == instanceID else { return nil }
        return schedule
    }
}

/// The address under which a schedule's coupons can be seen without a token.
package enum CouponListLink {
    package static let path = "/captive/coupons"

    /// Path and query of the list of a schedule's valid coupons, good until `expires`.
    package static func sign(_ scheduleID: UUID, expires: Date, with signatures: SignedURL) -> String {
        signatures.sign(path, ["sid": scheduleID.text], expires: expires)
    }
}
