import Captive
import Foundation
import Synchronization
import Testing
import TimeZones

@testable import Storage

/// A clock that stands still until a sleeper is released, and then shows the time for which that sleeper waited.
final class StandingClock: Sendable {
    private let state: Mutex<(now: Date, sleeper: CheckedContinuation<Void, any Error>?)>
    private let (sleeps, sleep) = AsyncStream.makeStream(of: Duration.self)

    init(_ now: Date) { state = Mutex((now, nil)) }

    var now: Date { state.withLock { $0.now } }

    @Sendable func sleep(_ duration: Duration) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                guard !Task.isCancelled else { return continuation.resume(throwing: CancellationError()) }
                state.withLock { $0.sleeper = continuation }
                sleep.yield(duration)
            }
        } onCancel: {
            state.withLock { state in
                defer { state.sleeper = nil }
                return state.sleeper
            }?.resume(throwing: CancellationError())
        }
    }

    /// How long the next sleeper sleeps.
    func nextSleep() async -> Duration? {
        for await duration in sleeps { return duration }
        return nil
    }

    /// Sets the time and releases the sleeper.
    func pass(to now: Date) {
        state.withLock { state in
            state.now = now
            defer { state.sleeper = nil }
            return state.sleeper
        }?.resume()
    }
}

/// The events of a watch.
private final class Reports: Sendable {
    private let told = Mutex<[ScheduleWatch.Event]>([])
    var all: [ScheduleWatch.Event] { told.withLock { $0 } }
    @Sendable func tell(_ event: ScheduleWatch.Event) { told.withLock { $0.append(event) } }
    var runs: [ScheduleRun] { all.compactMap { if case .ran(let run) = $0 { run } else { nil } } }
    var failures: [UUID] { all.compactMap { if case .failed(let id, _) = $0 { id } else { nil } } }
}

@Suite struct ScheduleWatchTests {
    private func watch(_ store: Store, _ clock: StandingClock, _ reports: Reports) -> ScheduleWatch {
        ScheduleWatch(
            store: store, zones: .system, codes: Venue.code, now: { clock.now }, sleep: clock.sleep,
            report: reports.tell)
    }

    @Test func `a watch sleeps until the next run, executes it, and sleeps again`() async throws {
        let venue = try await Venue(StorageBackend.all[0])
        let schedule = try await venue.schedule()
        let (clock, reports) = (StandingClock(Venue.firstRun - 25), Reports())
        let watch = watch(venue.store, clock, reports)
        let running = Task { await watch.run() }
        #expect(await clock.nextSleep() == .seconds(25))
        #expect(reports.runs.isEmpty)
        clock.pass(to: Venue.firstRun)
        #expect(await clock.nextSleep() == .seconds(60))
        #expect(reports.runs.map(\.schedule.id) == [schedule.id])
        #expect(reports.runs.map(\.coupons.count) == [3])
        running.cancel()
        await running.value
    }

    @Test func `runs missed while no watch ran are executed once, late`() async throws {
        let venue = try await Venue(StorageBackend.all[0])
        _ = try await venue.schedule()
        let morning = Venue.firstRun + 10 * 86_400 + 3_600
        let (clock, reports) = (StandingClock(morning), Reports())
        let watch = watch(venue.store, clock, reports)
        let running = Task { await watch.run() }
        _ = await clock.nextSleep()
        let run = try #require(reports.runs.first)
        #expect(reports.runs.count == 1 && run.dueAt == Venue.firstRun)
        #expect(run.schedule.lastRunAt == morning && run.schedule.nextRunAt == Venue.firstRun + 11 * 86_400)
        running.cancel()
        await running.value
    }

    @Test func `a watch that is woken reads the schedules early`() async throws {
        let venue = try await Venue(StorageBackend.all[0])
        let (clock, reports) = (StandingClock(Venue.firstRun - 10), Reports())
        let watch = watch(venue.store, clock, reports)
        let running = Task { await watch.run() }
        #expect(await clock.nextSleep() == .seconds(60))
        _ = try await venue.schedule()
        watch.wake()
        #expect(await clock.nextSleep() == .seconds(10))
        running.cancel()
        await running.value
    }

    @Test func `a run that fails delays no other and is tried again a minute later`() async throws {
        let venue = try await Venue(StorageBackend.all[0])
        let lost = try await venue.schedule(next: Venue.now, zone: "Atlantis/Capital")
        let fine = try await venue.schedule()
        let (clock, reports) = (StandingClock(Venue.firstRun), Reports())
        let watch = watch(venue.store, clock, reports)
        let running = Task { await watch.run() }
        #expect(await clock.nextSleep() == .seconds(60))
        #expect(reports.failures == [lost.id] && reports.runs.map(\.schedule.id) == [fine.id])
        clock.pass(to: Venue.firstRun + 60)
        _ = await clock.nextSleep()
        #expect(reports.failures == [lost.id, lost.id] && reports.runs.count == 1)
        running.cancel()
        await running.value
    }

    @Test func `two watches on one database execute each of a hundred days' runs once`() async throws {
        let venue = try await Venue(StorageBackend.all[0])
        for _ in 0..<3 { _ = try await venue.schedule(count: 2) }
        let sealer = try #require(Sealer(keys: [Array(repeating: 7, count: 32)]))
        let other = Store(try SQLiteDatabase(path: venue.folder.database), sealer: sealer)
        let clocks = [StandingClock(Venue.now), StandingClock(Venue.now)]
        let reports = Reports()
        let watches = [watch(venue.store, clocks[0], reports), watch(other, clocks[1], reports)]
        let running = watches.map { watch in Task { await watch.run() } }
        for day in 0..<100 {
            for clock in clocks { _ = await clock.nextSleep() }
            for clock in clocks { clock.pass(to: Venue.firstRun + Double(day) * 86_400) }
        }
        for clock in clocks { _ = await clock.nextSleep() }
        for task in running { task.cancel() }
        for task in running { await task.value }
        let moments = reports.runs.map { "\($0.schedule.id) \($0.dueAt?.timeIntervalSince1970 ?? 0)" }
        #expect(moments.count == 300 && Set(moments).count == 300)
        let made = try await venue.database.read { try $0.rows("SELECT COUNT(*) FROM coupons", []) }
        #expect(made.first?.values == [.integer(600 as Int64)])
        try other.close()
    }
}
