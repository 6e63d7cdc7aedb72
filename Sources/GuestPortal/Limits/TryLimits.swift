import Captive
package import Foundation
import NetworkAddress
import Synchronization

/// Bounds how fast codes can be guessed, and never refuses a device because of what others did (decision 0003).
///
/// - A device has `perDevice` tries in 60 s. The source address is part of the key, so who forges a MAC address uses up
///   tries of its own.
/// - Tries are also counted by source and by instance, before it is known whether the code is right; a right one is
///   taken back. Above `perCrowd` in 60 s a device has to be one that its router knows. Where the router cannot tell,
///   the try waits in a line before the code is looked at.
///
/// In memory and bounded. Each call takes constant time. Thread-safe.
package final class TryLimits: Sendable {
    /// Whether a try may be made.
    package enum Verdict: Equatable, Sendable {
        case allowed
        /// Seconds until the device has a try again.
        case wait(seconds: Int)
        /// Go on if the router knows the device, and after `waitInLine` if it cannot tell.
        case needsProof
    }

    /// Seconds after which a device that its router does not know may come again.
    static let proofRetry = 5
    /// The longest wait in the line: a browser, or a phone's captive window, does not wait for a minute.
    package static let longestWait: Duration = .seconds(20)
    private static let window: TimeInterval = 60

    private enum Crowd: Hashable {
        case source(IPAddress)
        case instance(UUID)
    }

    private struct State {
        var devices: WindowCounts<CodeTry>
        var crowds: WindowCounts<Crowd>
        /// Tries in the line; bounded by the requests under way.
        var waiting: [Crowd: Int] = [:]
    }

    private let perDevice: Int
    private let perCrowd: Int
    private let state: Mutex<State>

    /// - Parameter capacity: devices that are remembered for certain; older ones may be forgotten.
    package init(perDevice: Int, perCrowd: Int = 120, capacity: Int = 100_000) {
        self.perDevice = perDevice
        self.perCrowd = perCrowd
        state = Mutex(
            State(
                devices: WindowCounts(length: Self.window, capacity: capacity),
                crowds: WindowCounts(length: Self.window, capacity: capacity)))
    }

    /// Counts a try and says whether it may be made. A try that must wait is not counted.
    package func begin(_ attempt: CodeTry, now: Date) -> Verdict {
        state.withLock { state in
            guard state.devices.count(of: attempt, now: now) < perDevice else {
                return .wait(seconds: state.devices.secondsLeft(of: attempt, now: now))
            }
            state.devices.add(attempt, now: now)
            let counts = Self.crowds(of: attempt).map { state.crowds.add($0, now: now) }
            return counts.allSatisfy { $0 <= perCrowd } ? .allowed : .needsProof
        }
    }

    /// The code of a try was right: it was no guess.
    package func succeeded(_ attempt: CodeTry, now: Date) {
        state.withLock { state in
            for crowd in Self.crowds(of: attempt) { state.crowds.takeBack(crowd, now: now) }
        }
    }

    /// Waits until an unproved try may be made. Two tries a second leave the line of a source and of an instance; a try
    /// that `longestWait` has passed leaves it in any case, so a long line delays a guest and never stops one.
    ///
    /// - Throws: `CancellationError` if the client closes its connection before: who guesses must hold one connection
    ///   for each try.
    package func waitInLine(_ attempt: CodeTry) async throws {
        let delay = enterLine(attempt)
        defer { leaveLine(attempt) }
        try await Task.sleep(for: delay)
    }

    /// How long the try has to wait. To be followed by `leaveLine`.
    package func enterLine(_ attempt: CodeTry) -> Duration {
        state.withLock { state in
            for crowd in Self.crowds(of: attempt) { state.waiting[crowd, default: 0] += 1 }
            let line = Self.crowds(of: attempt).compactMap { state.waiting[$0] }.max() ?? 1
            return min(.milliseconds(500) * line, Self.longestWait)
        }
    }

    /// Ends what `enterLine` began.
    package func leaveLine(_ attempt: CodeTry) {
        state.withLock { state in
            for crowd in Self.crowds(of: attempt) {
                let left = (state.waiting[crowd] ?? 1) - 1
                state.waiting[crowd] = left > 0 ? left : nil
            }
        }
    }

    private static func crowds(of attempt: CodeTry) -> [Crowd] {
        [.source(attempt.source), .instance(attempt.instanceID)]
    }
}
