import Captive
import Foundation
import Testing
import TimeZones

@testable import Storage

extension Venue {
    /// 2027-01-15 08:00 UTC, `Venue.now`: the first run of the schedules created here is a day later.
    static let firstRun = now + 86_400

    func schedule(
        count: Int = 3, notifying group: NotificationGroup.ID? = nil, of instance: Instance? = nil,
        next: Date = firstRun, zone: String = "Etc/UTC", createdAt: Date = now
    ) async throws -> CouponSchedule {
        let schedule = CouponSchedule(
            id: UUID(), instanceID: (instance ?? self.instance).id, name: "Daily Guest Passes", count: count,
            recurrence: try #require(Recurrence(.daily, in: zone)), validMinutes: 480, notificationGroupID: group,
            nextRunAt: next, createdAt: createdAt)
        try await store.create(schedule)
        return schedule
    }

    func runDue(_ schedule: CouponSchedule, at moment: Date = firstRun) async throws -> ScheduleRun? {
        try await store.runDueSchedule(schedule.id, now: moment, zones: .system, codes: Self.code)
    }

    func found(_ schedule: CouponSchedule, at moment: Date = now) async throws -> CouponSchedule? {
        try await store.schedule(schedule.id, now: moment)
    }

    @Sendable static func code() -> CouponCode {
        var generator = SystemRandomNumberGenerator()
        return CouponCode.random(using: &generator)
    }
}

@Suite struct ScheduleStoreTests {
    @Test(arguments: StorageBackend.all)
    func `a schedule is read as it was written`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let group = NotificationGroup(workspace: .default, name: "Desk", emails: [], webhook: nil, createdAt: Venue.now)
        try await venue.store.create(group)
        let time = try #require(TimeOfDay("23:59"))
        let recurrence = Recurrence(.monthly, dayOfWeek: 0, dayOfMonth: 31, at: time, in: "Australia/Sydney")
        let schedule = CouponSchedule(
            id: UUID(), instanceID: venue.instance.id, name: "Ünï", count: 500, recurrence: try #require(recurrence),
            validMinutes: 90_000, notificationGroupID: group.id, nextRunAt: Venue.firstRun, createdAt: Venue.now)
        try await venue.store.create(schedule)
        #expect(try await venue.found(schedule) == schedule)
        #expect(try await venue.store.schedules(of: venue.instance.id, now: Venue.now, page: ListPage()) == [schedule])
        #expect(try await venue.store.schedule(schedule.id, of: UUID(), now: Venue.now) == nil)
        #expect(venue.changes.all.last == .schedule(schedule.id))
    }

    @Test(arguments: StorageBackend.all)
    func `schedules are listed newest first, in pages`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        for minute in 0..<5 { _ = try await venue.schedule(createdAt: Venue.now + Double(minute * 60)) }
        let all = try await venue.store.schedules(of: venue.instance.id, now: Venue.now, page: ListPage())
        #expect(all.count == 5 && all.map(\.createdAt) == all.map(\.createdAt).sorted(by: >))
        let page = ListPage(limit: 2, after: .init(createdAt: all[1].createdAt, id: all[1].id))
        let second = try await venue.store.schedules(of: venue.instance.id, now: Venue.now, page: page)
        #expect(second == Array(all[2..<4]))
    }

    @Test(arguments: StorageBackend.all)
    func `a schedule of an unknown instance or group is refused`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let stranger = try Venue.instance(at: venue.siteID)
        await #expect(throws: StoreError.notFound) { try await venue.schedule(of: stranger) }
        await #expect(throws: StoreError.notFound) { try await venue.schedule(notifying: NotificationGroup.ID()) }
        let other = try #require(Workspace(rawValue: "other"))
        let group = NotificationGroup(workspace: other, name: "Desk", emails: [], webhook: nil, createdAt: Venue.now)
        try await venue.store.create(group)
        await #expect(throws: StoreError.notFound) { try await venue.schedule(notifying: group.id) }
        #expect(try await venue.store.schedules(of: venue.instance.id, now: Venue.now, page: ListPage()).isEmpty)
    }

    @Test(arguments: StorageBackend.all)
    func `a change is written, a refused one is not`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let schedule = try await venue.schedule()
        let changed = try await venue.store.updateSchedule(
            schedule.id, of: venue.instance.id, now: Venue.now
        ) { $0.name = "Nightly" }
        #expect(changed.name == "Nightly")
        #expect(try await venue.found(schedule) == changed)
        await #expect(throws: StoreError.conflict("no")) {
            try await venue.store.updateSchedule(schedule.id, of: venue.instance.id, now: Venue.now) {
                $0.name = "Never"
                throw StoreError.conflict("no")
            }
        }
        #expect(try await venue.found(schedule) == changed)
        await #expect(throws: StoreError.notFound) {
            try await venue.store.updateSchedule(schedule.id, of: UUID(), now: Venue.now) { $0.count = 1 }
        }
    }

    @Test(arguments: StorageBackend.all)
    func `a due run creates its coupons, plans the next and resets the tally`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let schedule = try await venue.schedule()
        #expect(try await venue.runDue(schedule, at: Venue.firstRun - 0.001) == nil)
        let run = try #require(try await venue.runDue(schedule, at: Venue.firstRun + 5))
        #expect(run.coupons.count == 3 && run.dueAt == Venue.firstRun)
        #expect(
            run.coupons.allSatisfy { $0.expiresAt == Venue.firstRun + 5 + 480 * 60 && $0.scheduleID == schedule.id })
        #expect(run.schedule.lastRunAt == Venue.firstRun + 5 && run.schedule.nextRunAt == Venue.firstRun + 86_400)
        #expect(run.schedule.tally == CouponTally(generated: 3, used: 0, available: 3))
        #expect(try await venue.found(schedule, at: Venue.firstRun + 5) == run.schedule)
        #expect(try await venue.runDue(schedule, at: Venue.firstRun + 5) == nil)
    }

    @Test(arguments: StorageBackend.all)
    func `the tally counts used, usable and expired coupons of the last run`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        let schedule = try await venue.schedule()
        let first = try #require(try await venue.runDue(schedule))
        _ = try await venue.redeem(first.coupons[0].code, by: Venue.client(1), at: Venue.firstRun + 60)
        let later = Venue.firstRun + 120
        #expect(try await venue.found(schedule, at: later)?.tally == CouponTally(generated: 3, used: 1, available: 2))
        let over = Venue.firstRun + 480 * 60
        #expect(try await venue.found(schedule, at: over)?.tally == CouponTally(generated: 3, used: 1, available: 0))
        let valid = try await venue.store.validCoupons(ofSchedule: schedule.id, now: later, page: ListPage())
        #expect(Set(valid.map(\.id)) == Set(first.coupons[1...].map(\.id)))
        let second = try await venue.store.runSchedule(
            schedule.id, of: venue.instance.id, now: later, codes: Venue.code)
        #expect(second?.schedule.tally == CouponTally(generated: 3, used: 0, available: 3))
        let all = try await venue.store.validCoupons(ofSchedule: schedule.id, now: later, page: ListPage())
        #expect(all.count == 5)
    }

    @Test(arguments: StorageBackend.all)
    func `a run that an admin requests does not move the next run`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let schedule = try await venue.schedule()
        let run = try await venue.store.runSchedule(
            schedule.id, of: venue.instance.id, now: Venue.now + 10, codes: Venue.code)
        #expect(run?.coupons.count == 3 && run?.dueAt == nil)
        #expect(run?.schedule.lastRunAt == Venue.now + 10 && run?.schedule.nextRunAt == Venue.firstRun)
        let missing = try await venue.store.runSchedule(
            schedule.id, of: UUID(), now: Venue.now + 10, codes: Venue.code)
        #expect(missing == nil)
    }

    @Test(arguments: StorageBackend.all)
    func `a run that fails leaves neither coupons nor a claim`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let schedule = try await venue.schedule()
        let code = try #require(CouponCode(typed: "ABCDEF"))
        await #expect(throws: StoreError.self) {
            try await venue.store.runDueSchedule(schedule.id, now: Venue.firstRun, zones: .system) { code }
        }
        await #expect(throws: ZoneDatabase.Failure.missing(directory: "/nowhere")) {
            try await venue.store.runDueSchedule(
                schedule.id, now: Venue.firstRun, zones: ZoneDatabase(directory: "/nowhere"), codes: Venue.code)
        }
        #expect(try await venue.found(schedule) == schedule)
        #expect(try await venue.runDue(schedule)?.coupons.count == 3)
    }

    @Test(arguments: StorageBackend.all)
    func `every run adds a notification to the outbox if the schedule has a group`(backend: StorageBackend) async throws
    {
        let venue = try await Venue(backend)
        let mail = try #require(EmailAddress("desk@hotel.example"))
        let group = NotificationGroup(
            workspace: .default, name: "Desk", emails: [mail], webhook: nil, createdAt: Venue.now)
        try await venue.store.create(group)
        let schedule = try await venue.schedule(notifying: group.id, zone: "Europe/Berlin")
        _ = try await venue.runDue(schedule)
        _ = try await venue.store.runSchedule(
            schedule.id, of: venue.instance.id, now: Venue.firstRun + 1, codes: Venue.code)
        let later = Venue.firstRun + 60
        let told = try await venue.store.claimDeliveries(
            now: later, lease: later + 60, slots: DeliverySlots(total: 100, perWorkspace: 100)
        ).map(\.notification)
        #expect(told.map(\.createdAt) == [Venue.firstRun, Venue.firstRun + 1])
        let notification = try #require(told.first)
        #expect(notification.groupID == group.id && notification.scheduleID == schedule.id && notification.count == 3)
        #expect(notification.expiresAt == Venue.firstRun + 480 * 60 && notification.timeZone == "Europe/Berlin")
    }

    @Test(arguments: StorageBackend.all)
    func `deleting a schedule deletes its coupons, and sessions continue`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let schedule = try await venue.schedule()
        let other = try await venue.schedule()
        let run = try #require(try await venue.runDue(schedule))
        let otherRun = try #require(try await venue.runDue(other))
        let outcome = try await venue.redeem(run.coupons[0].code, by: Venue.client(1), at: Venue.firstRun)
        guard case .accepted(let session) = outcome else { throw Venue.Unexpected() }
        #expect(try await venue.store.deleteSchedule(schedule.id, of: UUID()) == false)
        #expect(try await venue.store.deleteSchedule(schedule.id, of: venue.instance.id))
        #expect(try await venue.store.deleteSchedule(schedule.id, of: venue.instance.id) == false)
        #expect(try await venue.found(schedule) == nil)
        let refused = try await venue.redeem(run.coupons[1].code, by: Venue.client(2), at: Venue.firstRun)
        #expect(refused == .refused(.wrong))
        let left = try await venue.store.validCoupons(of: venue.instance.id, now: Venue.firstRun, page: ListPage())
        #expect(Set(left.map(\.id)) == Set(otherRun.coupons.map(\.id)))
        #expect(try await venue.store.session(session.id)?.endedAt == nil)
    }

    @Test(arguments: StorageBackend.all)
    func `deleting an instance deletes its schedules`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let schedule = try await venue.schedule()
        #expect(try await venue.store.deleteInstance(venue.instance.id, in: .default))
        #expect(try await venue.found(schedule) == nil)
        #expect(try await venue.store.dueSchedules(now: Venue.firstRun).isEmpty)
    }

    @Test(arguments: StorageBackend.all)
    func `the longest due schedule comes first, and the next run is known`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        #expect(try await venue.store.nextRun(after: Venue.now) == nil)
        let late = try await venue.schedule(next: Venue.firstRun + 60)
        let early = try await venue.schedule(next: Venue.firstRun)
        _ = try await venue.schedule(next: Venue.firstRun + 61)
        #expect(try await venue.store.dueSchedules(now: Venue.firstRun + 60) == [early.id, late.id])
        #expect(try await venue.store.nextRun(after: Venue.now) == Venue.firstRun)
        #expect(try await venue.store.nextRun(after: Venue.firstRun + 60) == Venue.firstRun + 61)
    }

    @Test(arguments: StorageBackend.all)
    func `future runs move when a zone's rules have changed, due and unreadable ones do not`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        let right = try await venue.schedule()
        let wrong = try await venue.schedule(next: Venue.firstRun + 3_600)
        let due = try await venue.schedule(next: Venue.now)
        let lost = try await venue.schedule(next: Venue.firstRun + 7_200, zone: "Atlantis/Capital")
        #expect(try await venue.store.replanSchedules(now: Venue.now, zones: .system) == 1)
        let moments = [(right, Venue.firstRun), (wrong, Venue.firstRun), (due, Venue.now), (lost, lost.nextRunAt)]
        for (schedule, moment) in moments { #expect(try await venue.found(schedule)?.nextRunAt == moment) }
    }

    @Test(arguments: StorageBackend.all)
    func `a run is not repeated after the clock was set back`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let schedule = try await venue.schedule()
        _ = try await venue.runDue(schedule)
        #expect(try await venue.store.replanSchedules(now: Venue.now - 86_400 * 3, zones: .system) == 0)
        #expect(try await venue.found(schedule)?.nextRunAt == Venue.firstRun + 86_400)
    }

    @Test(arguments: StorageBackend.all)
    func `a hundred processes execute a due run once`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let schedule = try await venue.schedule()
        let runs = try await withThrowingTaskGroup(of: ScheduleRun?.self) { group in
            for _ in 0..<100 { group.addTask { try await venue.runDue(schedule) } }
            return try await group.reduce(into: []) { $0 += [$1].compactMap(\.self) }
        }
        #expect(runs.count == 1)
        let valid = try await venue.store.validCoupons(of: venue.instance.id, now: Venue.firstRun, page: ListPage())
        #expect(valid.count == 3)
    }
}
