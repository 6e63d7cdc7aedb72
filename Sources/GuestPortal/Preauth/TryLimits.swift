package import Captive
package import Foundation
package import NetworkAddress
import Synchronization

/// Bounds how fast codes can be guessed, without letting anybody close the door for others.
///
/// - A device (site, MAC, address, and where it really comes from) has `perDevice` tries in any 60 s. The source
///   address is part of the key, so a forged MAC address uses up the forger's tries and not its victim's.
/// - Wrong codes are counted by source address and by site as well. Above those budgets nobody is refused; a device
///   only has to be one that the router knows at its address, which a guesser cannot invent.
///
/// In memory and bounded: at most `capacity` devices, the stale ones dropped first. Thread-safe.
package final class TryLimits: Sendable {
    /// Whether a try may be made.
    package enum Verdict: Equatable, Sendable {
        case allowed
        /// Seconds until the device has a try again.
        case wait(seconds: Int)
        /// Go on only if the router knows the device.
        case mustBeKnown
    }

    /// Seconds after which a device that could not be proved may come again.
    static let proofRetry = 5
    private static let window: TimeInterval = 60

    private struct Device: Hashable {
        var siteID: UUID
        var client: GatewayClient
        var source: IPAddress
    }

    private enum Crowd: Hashable {
        case site(UUID)
        case source(IPAddress)
    }

    private struct State {
        var tries: [Device: [Date]] = [:]
        var failures: [Crowd: (windowStart: Date, count: Int)] = [:]
    }

    private let perDevice: Int
    private let perCrowd: Int
    private let capacity: Int
    private let state = Mutex(State())

    package init(perDevice: Int, perCrowd: Int = 120, capacity: Int = 100_000) {
        self.perDevice = perDevice
        self.perCrowd = perCrowd
        self.capacity = capacity
    }

    /// Counts a try and says whether it may be made. A try that must wait is not counted.
    package func count(_ client: GatewayClient, at siteID: UUID, from source: IPAddress, now: Date) -> Verdict {
        state.withLock { state in
            let device = Device(siteID: siteID, client: client, source: source)
            var recent = (state.tries[device] ?? []).filter { Self.isRecent($0, now) }
            if recent.count >= perDevice {
                return .wait(
                    seconds: max(1, Int(saturating: (Self.window - now.timeIntervalSince(recent[0])).rounded(.up))))
            }
            recent.append(now)
            if state.tries.count >= capacity { Self.forgetStale(&state, now) }
            guard state.tries.count < capacity || state.tries[device] != nil else { return .mustBeKnown }
            state.tries[device] = recent
            let crowded = [Crowd.site(siteID), .source(source)].contains { crowd in
                state.failures[crowd].map {
                    Self.isRecent($0.windowStart, now) && $0.count >= perCrowd
                }
                    ?? false
            }
            return crowded ? .mustBeKnown : .allowed
        }
    }

    /// Counts a wrong code.
    package func failed(at siteID: UUID, from source: IPAddress, now: Date) {
        state.withLock { state in
            if state.failures.count >= capacity { Self.forgetStale(&state, now) }
            for crowd in [Crowd.site(siteID), .source(source)] {
                var entry = state.failures[crowd] ?? (now, 0)
                if !Self.isRecent(entry.windowStart, now) { entry = (now, 0) }
                entry.count += 1
                state.failures[crowd] = entry
            }
        }
    }

    /// Neither long ago nor, by a clock that was set back since, far ahead.
    private static func isRecent(_ moment: Date, _ now: Date) -> Bool {
        abs(now.timeIntervalSince(moment)) < window
    }

    private static func forgetStale(_ state: inout State, _ now: Date) {
        state.tries = state.tries.filter { $0.value.last.map { isRecent($0, now) } ?? false }
        state.failures = state.failures.filter { isRecent($0.value.windowStart, now) }
    }
}
