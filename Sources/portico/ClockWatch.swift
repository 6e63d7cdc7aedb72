import CLinux
import Captive
import Foundation
import Logging

/// Judges this machine's clock, for those whose work cannot be undone if it is wrong.
struct ClockWatch: Sendable {
    let record: any ClockRecord
    let logger: Logger
    var now: WallClock = { Date() }
    /// What the kernel says of its clock: set by NTP, PTP or another program that keeps it right.
    var isSynchronized: @Sendable () -> Bool = { clinux_clock_is_kept() != 0 }
    /// For a clock that the network sets some time after the start.
    var patience: Duration = .seconds(600)
    private static let pause: Duration = .seconds(15)

    /// Whether the clock can be believed. The log says if it cannot.
    func isTrusted() async throws -> Bool {
        let (time, isSynchronized) = (now(), isSynchronized())
        let before = try await record.withClockHistory { history in
            let before = history.trusted
            return history.trusts(time, isSynchronized: isSynchronized) ? nil : before
        }
        guard let before else { return true }
        logger.error(
            "the clock is far ahead of the last known time and nothing synchronises it; set it, or start an NTP client",
            metadata: ["clock": "\(time.formatted(.iso8601))", "last_known": "\(before.formatted(.iso8601))"])
        return false
    }

    /// Returns when the clock can be believed, at the latest when it has had time to be set by the network. Sessions
    /// that seem to be over wait for that: their routers end them in time by themselves.
    func settle() async {
        let end = ContinuousClock.now + patience
        while !Task.isCancelled, ContinuousClock.now < end {
            do { if try await isTrusted() { return } } catch {
                return logger.error("the clock's history cannot be read", metadata: ["error": "\(error)"])
            }
            guard (try? await Task.sleep(for: Self.pause)) != nil else { return }
        }
    }
}
