import Captive
import Foundation
import HTTPServer
import Storage
import TimeZones

/// `/instances/{instanceId}/coupon-schedules`.
struct ScheduleResource {
    let store: Store
    let zones: ZoneDatabase
    let urls: PortalURLs
    let clock: WallClock
    let codes: @Sendable () -> CouponCode
    /// Limits runs by API call, per workspace.
    let runs: RateLimit<Workspace>

    var section: Section {
        let path = "/instances/{instanceId}/coupon-schedules"
        let (item, shape, names) = (path + "/{scheduleId}", CouponSchedule.shape, zones.schema)
        return Section(
            "Coupon schedules", "Schedules that create coupons at fixed times, and signed URLs of their coupons.",
            [
                .list(path, "listCouponSchedules", "List schedules", shape) {
                    try await store.schedules(of: instanceID(of: $0), now: clock(), page: $1)
                },
                .post(
                    path, "createCouponSchedule", "Create a schedule", ScheduleChanges.input(isNew: true, zones: names),
                    .one(shape), create),
                .get(item, "readCouponSchedule", "Get a schedule", .one(shape), read),
                .put(
                    item, "updateCouponSchedule", "Update a schedule; omitted fields keep their values",
                    ScheduleChanges.input(isNew: false, zones: names), .one(shape),
                    errors: [.conflict], update),
                .delete(
                    item, "deleteCouponSchedule", "Delete a schedule and its coupons; active sessions are not affected",
                    delete),
                .post(
                    item + "/run", "runCouponSchedule", "Run a schedule now; `next_run_at` does not change",
                    .all(Coupon.shape), errors: [.rateLimited], run),
                .get(
                    item + "/generate_url",
                    legacy: ["/captive\(item)/generate-url", item + "/generate_url", item + "/generate-url"],
                    "signCouponSchedule", "Create a signed URL for a schedule's coupons, valid for 24 hours",
                    .one(SignedAddress.shape), sign),
            ])
    }

    @Sendable private func create(_ call: Call, _ changes: ScheduleChanges) async throws -> CouponSchedule {
        let instanceID = try await instanceID(of: call)
        guard let name = changes.name, let count = changes.count, let minutes = changes.validMinutes else {
            throw APIError.missing("name")
        }
        let (now, recurrence) = (clock(), try changes.recurrence(after: nil))
        let schedule = CouponSchedule(
            id: UUID(), instanceID: instanceID, name: name, count: count, recurrence: recurrence,
            validMinutes: minutes, notificationGroupID: changes.groupID ?? nil,
            nextRunAt: recurrence.next(after: now, by: try zones.known(recurrence.timeZone)), createdAt: now)
        do { try await store.create(schedule) } catch StoreError.notFound {
            throw try await missingPart(of: call, changes)
        }
        return schedule
    }

    @Sendable private func read(_ call: Call) async throws -> CouponSchedule {
        let id = try await instanceID(of: call)
        guard let schedule = try await store.schedule(call.id("scheduleId"), of: id, now: clock()) else {
            throw APIError.notFound("schedule")
        }
        return schedule
    }

    @Sendable private func update(_ call: Call, _ changes: ScheduleChanges) async throws -> CouponSchedule {
        let (old, now) = (try await read(call), clock())
        do {
            return try await store.updateSchedule(old.id, of: old.instanceID, now: now) { [zones] in
                try changes.apply(to: &$0, now: now, zones: zones)
            }
        } catch StoreError.notFound { throw try await missingPart(of: call, changes) }
    }

    @Sendable private func delete(_ call: Call) async throws {
        guard try await store.deleteSchedule(call.id("scheduleId"), of: instanceID(of: call)) else {
            throw APIError.notFound("schedule")
        }
    }

    @Sendable private func run(_ call: Call) async throws -> [Coupon] {
        let (id, instanceID) = (try call.id("scheduleId"), try await instanceID(of: call))
        if let seconds = runs.take(call.workspace, now: clock()) {
            throw APIError(
                .rateLimited,
                "Too many schedule runs in the last hour. Retry after \(seconds) s.",
                headers: ["Retry-After": String(seconds)])
        }
        guard let run = try await store.runSchedule(id, of: instanceID, now: clock(), codes: codes) else {
            throw APIError.notFound("schedule")
        }
        return run.coupons
    }

    @Sendable private func sign(_ call: Call) async throws -> SignedAddress {
        SignedAddress(url: urls.coupons(of: try await read(call).id))
    }

    private func instanceID(of call: Call) async throws -> UUID {
        guard let instance = try await store.instance(call.id("instanceId"), in: call.workspace) else {
            throw APIError.notFound("instance")
        }
        return instance.id
    }

    /// The error after the store reported `notFound`: the instance, the schedule or the notification group does not
    /// exist.
    private func missingPart(of call: Call, _ changes: ScheduleChanges) async throws -> APIError {
        _ = try await instanceID(of: call)
        guard case .some(.some) = changes.groupID else { return .notFound("schedule") }
        return .invalid("notification_group_id", "the ID of an existing notification group")
    }
}

/// The response of `generate_url`.
struct SignedAddress: Shaped {
    let url: String

    static let shape = Shape<SignedAddress>(
        "SignedCouponAddress",
        [
            .init(
                "signed_url",
                "A URL that lists the coupons without a token, valid for 24 hours. Browsers get a printable sheet.",
                schema: .uri
            ) { $0.url }
        ])
}
