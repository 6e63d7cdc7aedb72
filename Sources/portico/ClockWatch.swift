import CLinux
import Captive
import Foundation
import Logging
import Storage

/// Decides whether this machine's clock can be trusted, before work that cannot be undone.
struct ClockWatch: Sendable {
    let store: Store
    let logger: Logger
    var now: WallClock = { Date() }
    /// Whether the kernel reports its clock as synchronised by NTP, PTP or another program.
    var isSynchronized: @Sendable () -> Bool = { clinux_clock_is_synchronized() != 0 }
    /// The time that the network has to set the clock after the start.
    var settlingTime: Duration = .seconds(600)
    private static let pause: Duration = .seconds(15)

    /// Returns whether the clock can be trusted. Logs an error if not.
    func isTrusted() async throws -> Bool {
        let (time, isSynchronized) = (now(), isSynchronized())
        let before = try await store.withClockHistory { history in
            let before = history.trusted
            return history.trusts(time, isSynchronized: isSynchronized) ? nil : before
        }
        guard let before else { return true }
        logger.error(
            "the clock is far ahead of the last known time and is not synchronised; set it, or start an NTP client",
            metadata: ["clock": "\(time.formatted(.iso8601))", "last_known": "\(before.formatted(.iso8601))"])
        return false
    }

    /// Returns when the clock can be trusted, at the latest after `settlingTime`. Expired sessions wait for that; their
    /// routers end them in time.
    func settle() async {
        let end = ContinuousClock.now + settlingTime
        while !Task.isCancelled, ContinuousClock.now < end {
            do { if try await isTrusted() { return } } catch {
                return logger.error("cannot read the clock's history", metadata: ["error": "\(error)"])
            }
            guard (try? await Task.sleep(for: Self.pause)) != nil else { return }
        }
    }
}
