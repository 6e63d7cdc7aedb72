import Captive
package import Foundation
import NetworkAddress
import Synchronization

/// Bounds how fast codes can be guessed, and never refuses a device because of the attempts of others (decision 0003).
///
/// - A device has `perDevice` attempts in 60 s. The source address is part of the key, so a client with a forged MAC
///   address uses up only attempts of its own.
/// - Attempts are also counted by source and by instance, before the code is checked; a correct code is then
///   subtracted. Above `perBucket` in 60 s, the router must know the device. If the router cannot tell, the attempt
///   waits in a queue before the code is looked up.
///
/// In memory and bounded. Each call takes constant time. Thread-safe.
package final class AttemptLimiter: Sendable {
    /// Whether an attempt is allowed.
    package enum Verdict: Equatable, Sendable {
        case allowed
        /// Seconds until the device has another attempt.
        case wait(seconds: Int)
        /// Continue if the router knows the device, and after `waitInQueue` if the router cannot tell.
        case needsProof
    }

    /// Seconds after which a device that its router does not know may try again.
    static let proofRetry = 5
    /// Upper bound of the wait in the queue: a browser, or the captive window of a phone, does not wait for a minute.
    package static let longestWait: Duration = .seconds(20)
    private static let window: TimeInterval = 60

    private enum Bucket: Hashable {
        case source(IPAddress)
        case instance(UUID)
    }

    private struct State {
        var devices: WindowCounts<CodeAttempt>
        var buckets: WindowCounts<Bucket>
        /// Attempts in the queue; bounded by the number of concurrent requests.
        var waiting: [Bucket: Int] = [:]
    }

    private let perDevice: Int
    private let perBucket: Int
    private let state: Mutex<State>

    /// - Parameter capacity: number of devices that are certainly remembered; older ones may be forgotten.
    package init(perDevice: Int, perBucket: Int = 120, capacity: Int = 100_000) {
        self.perDevice = perDevice
        self.perBucket = perBucket
        state = Mutex(
            State(
                devices: WindowCounts(length: Self.window, capacity: capacity),
                buckets: WindowCounts(length: Self.window, capacity: capacity)))
    }

    /// Counts an attempt and returns whether it is allowed. An attempt that must wait is not counted.
    package func begin(_ attempt: CodeAttempt, now: Date) -> Verdict {
        state.withLock { state in
            guard state.devices.count(of: attempt, now: now) < perDevice else {
                return .wait(seconds: state.devices.secondsLeft(of: attempt, now: now))
            }
            state.devices.add(attempt, now: now)
            let counts = Self.buckets(of: attempt).map { state.buckets.add($0, now: now) }
            return counts.allSatisfy { $0 <= perBucket } ? .allowed : .needsProof
        }
    }

    /// Subtracts an attempt with a correct code from the counts by source and by instance.
    package func succeeded(_ attempt: CodeAttempt, now: Date) {
        state.withLock { state in
            for bucket in Self.buckets(of: attempt) { state.buckets.takeBack(bucket, now: now) }
        }
    }

    /// Waits until an attempt without proof is allowed. Two attempts per second leave the queue of a source and of an
    /// instance. After `longestWait` an attempt leaves the queue in any case, so a long queue delays a guest but never
    /// blocks one.
    ///
    /// - Throws: `CancellationError` if the client closes its connection before: guessing requires one open connection
    ///   for each attempt.
    package func waitInQueue(_ attempt: CodeAttempt) async throws {
        let delay = enterLine(attempt)
        defer { leaveLine(attempt) }
        try await Task.sleep(for: delay)
    }

    /// Returns how long the attempt has to wait. Call `leaveLine` afterwards.
    package func enterLine(_ attempt: CodeAttempt) -> Duration {
        state.withLock { state in
            for bucket in Self.buckets(of: attempt) { state.waiting[bucket, default: 0] += 1 }
            let line = Self.buckets(of: attempt).compactMap { state.waiting[$0] }.max() ?? 1
            return min(.milliseconds(500) * line, Self.longestWait)
        }
    }

    /// Removes an attempt that `enterLine` added.
    package func leaveLine(_ attempt: CodeAttempt) {
        state.withLock { state in
            for bucket in Self.buckets(of: attempt) {
                let left = (state.waiting[bucket] ?? 1) - 1
                state.waiting[bucket] = left > 0 ? left : nil
            }
        }
    }

    private static func buckets(of attempt: CodeAttempt) -> [Bucket] {
        [.source(attempt.source), .instance(attempt.instanceID)]
    }
}
