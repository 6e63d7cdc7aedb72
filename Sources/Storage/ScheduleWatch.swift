package import Captive
package import Foundation
package import TimeZones

/// Executes runs of schedules when they are due: each run once, even if several nodes share the database. Runs that
/// were missed while no node was running are executed once, late.
///
/// Sleeps until the next run or until `wake` is called, and at most for `longestSleep`, because the clock may be set
/// and another node may change a schedule.
package final class ScheduleWatch: Sendable {
    /// Waits; throws when its task is cancelled.
    package typealias Sleep = @Sendable (Duration) async throws -> Void

    /// An event for the operator's log.
    package enum Event: Sendable {
        /// A run was executed.
        case ran(ScheduleRun)
        /// The run of the schedule with this id failed and will be retried.
        case failed(UUID, any Error)
        /// This number of runs was moved because of changed time zone rules.
        case replanned(Int)
        /// The database could not be read. The read will be retried.
        case stuck(any Error)
    }

    private let store: Store
    private let zones: ZoneDatabase
    private let codes: @Sendable () -> CouponCode
    private let now: WallClock
    private let sleep: Sleep
    private let report: @Sendable (Event) -> Void
    private let (alarms, alarm) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    static let longestSleep: TimeInterval = 60
    /// Seconds between plannings of all future runs.
    static let replanInterval: TimeInterval = 3_600

    /// `codes` generates unpredictable coupon codes. `now` and `sleep` are injected for tests.
    package init(
        store: Store, zones: ZoneDatabase, codes: @escaping @Sendable () -> CouponCode,
        now: @escaping WallClock = { Date() },
        sleep: @escaping Sleep = { try await Task.sleep(for: $0) }, report: @escaping @Sendable (Event) -> Void
    ) {
        self.store = store
        self.zones = zones
        self.codes = codes
        self.now = now
        self.sleep = sleep
        self.report = report
    }

    /// Makes the watch read the schedules again after a change. Returns at once.
    package func wake() { alarm.yield() }

    /// Runs until the task is cancelled. Must be called only once.
    package func run() async {
        var replannedAt = Date.distantPast
        var timer: Task<Void, Never>?
        wake()
        for await _ in alarms {
            timer?.cancel()
            let moment = now()
            await makeDueRuns(at: moment)
            if abs(moment.timeIntervalSince(replannedAt)) >= Self.replanInterval {
                replannedAt = moment
                await replan(at: moment)
            }
            timer = startTimer(await pause(after: moment))
        }
        timer?.cancel()
    }

    private func startTimer(_ pause: Duration) -> Task<Void, Never> {
        Task { [sleep, alarm] in
            guard (try? await sleep(pause)) != nil else { return }
            alarm.yield()
        }
    }

    private func makeDueRuns(at moment: Date) async {
        do {
            for id in try await store.dueSchedules(now: moment) where !Task.isCancelled { await makeRun(id, moment) }
        } catch { report(.stuck(error)) }
    }

    private func makeRun(_ id: UUID, _ moment: Date) async {
        do {
            let run = try await store.runDueSchedule(id, now: moment, zones: zones, codes: codes)
            if let run { report(.ran(run)) }
        } catch { report(.failed(id, error)) }
    }

    private func replan(at moment: Date) async {
        do {
            let moved = try await store.replanSchedules(now: moment, zones: zones)
            if moved > 0 { report(.replanned(moved)) }
        } catch { report(.stuck(error)) }
    }

    /// The time until the first run after `moment`. Runs that failed at `moment` are retried after `longestSleep`.
    private func pause(after moment: Date) async -> Duration {
        let next = try? await store.nextRun(after: moment)
        let wait = next?.timeIntervalSince(now()) ?? Self.longestSleep
        return .seconds(max(0, min(wait, Self.longestSleep)))
    }
}
