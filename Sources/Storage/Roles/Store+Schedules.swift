package import Captive
package import Foundation

extension Store: CouponScheduleStore {
    package func schedules(of instanceID: UUID, now: Date, page: ListPage) async throws -> [CouponSchedule] {
        try await database.read { connection in
            try connection.rows(ScheduleSQL.page, [.id(instanceID)] + page.arguments).map {
                try Self.withTally(ScheduleRow.schedule($0), now: now, connection)
            }
        }
    }

    package func schedule(_ id: UUID, now: Date) async throws -> CouponSchedule? {
        try await database.read { connection in
            try Self.schedule(id, connection).map { try Self.withTally($0, now: now, connection) }
        }
    }

    package func create(_ schedule: CouponSchedule) async throws {
        try await database.write { connection in
            try Self.holdGroup(of: schedule, connection)
            try connection.execute(ScheduleSQL.insert, ScheduleRow.arguments(schedule))
        }
        onChange(.schedule(schedule.id))
    }

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

    package func deleteSchedule(_ id: UUID, of instanceID: UUID) async throws -> Bool {
        try await database.write { connection in
            guard try connection.execute(ScheduleSQL.delete, [.id(id), .id(instanceID)]) == 1 else { return false }
            try connection.execute(ScheduleSQL.deleteCoupons, [.id(id)])
            return true
        }
    }

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
