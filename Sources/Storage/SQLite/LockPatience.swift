import Foundation
import Synchronization

/// How long the connections wait for a lock that another process holds: two seconds at first, and while it goes on
/// being held not at all, so that those who wait behind one another do not add their waits up.
final class LockPatience: Sendable {
    private let isHeld = Mutex(false)
    /// Seconds between two looks at the lock.
    private static let pause = 0.02
    private static let patience = 2.0

    /// Whether to look again, after a pause; `tries` were made for this lock before.
    func goesOn(after tries: Int) -> Bool {
        guard !isHeld.withLock(\.self) else { return false }
        guard Double(tries) * Self.pause < Self.patience else {
            isHeld.withLock { $0 = true }
            return false
        }
        Thread.sleep(forTimeInterval: Self.pause)
        return true
    }

    /// The lock was had.
    func end() { isHeld.withLock { $0 = false } }
}
