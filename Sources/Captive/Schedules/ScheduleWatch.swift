package import Foundation
package import TimeZones

/// Makes the runs of schedules when they are due: each once, however many portals share the books, and one that was
/// missed while none was running once, late.
///
/// Sleeps until the next run, and looks anew when it is woken. It never sleeps longer than `longestSleep`: a clock may
/// be set, and a portal that shares the books may have changed a schedule.
package final class ScheduleWatch: Sendable {
    /// Waits; throws when its task is cancelled.
    package typealias Sleep = @Sendable (Duration) async throws -> Void

    /// What happened, for the operator.
    package enum Event: Sendable {
        /// A run was made.
        case ran(ScheduleRun)
        /// A run could not be made, and is tried again; the schedule is named by its id.
        case failed(UUID, any Error)
        /// So many runs were moved, since the rules of their time zones have changed.
        case replanned(Int)
        /// The books could not be read; that is tried again.
        case stuck(any Error)
    }

    private let store: any CouponScheduleStore
    private let zones: ZoneDatabase
    private let codes: @Sendable () -> CouponCode
    private let now: WallClock
    private let sleep: Sleep
    private let report: @Sendable (Event) -> Void
    private let (alarms, alarm) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    static let longestSleep: TimeInterval = 60
    /// Seconds after which runs are planned anew.
    static let replanInterval: TimeInterval = 3_600

    /// `codes` yields unforeseeable coupon codes. `now` and `sleep` are for tests to decide.
    package init(
        store: any CouponScheduleStore, zones: ZoneDatabase, codes: @escaping @Sendable () -> CouponCode,
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

    /// Has the watch look anew, since a schedule has changed. Never waits.
    package func wake() { alarm.yield() }

    /// Watches until the task is cancelled. Called once.
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

    /// Until the first run after `moment`, at which those due were made. What was due then and could not be made waits
    /// for the longest sleep.
    private func pause(after moment: Date) async -> Duration {
        let next = try? await store.nextRun(after: moment)
        let wait = next?.timeIntervalSince(now()) ?? Self.longestSleep
        return .seconds(max(0, min(wait, Self.longestSleep)))
    }
}
