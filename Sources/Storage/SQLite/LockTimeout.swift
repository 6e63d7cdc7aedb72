import Foundation
import Synchronization

/// How long connections wait for a lock that another process holds: two seconds at first, and not at all while it
/// remains held after that, so that the waits of queued callers do not add up.
final class LockTimeout: Sendable {
    private let isHeld = Mutex(false)
    /// Seconds between two attempts.
    private static let pause = 0.02
    private static let longest = 2.0

    /// Whether to try again after a pause. `tries`: the number of earlier attempts for this lock.
    func goesOn(after tries: Int) -> Bool {
        guard !isHeld.withLock(\.self) else { return false }
        guard Double(tries) * Self.pause < Self.longest else {
            isHeld.withLock { $0 = true }
            return false
        }
        Thread.sleep(forTimeInterval: Self.pause)
        return true
    }

    /// The lock was acquired.
    func end() { isHeld.withLock { $0 = false } }
}
