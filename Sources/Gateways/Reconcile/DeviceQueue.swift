internal import Captive
internal import Foundation
internal import NetworkAddress

/// The devices of one site whose router has to be brought to its desired state, and when each may be worked on. At most
/// `limit` devices are worked on at a time; after a failure of the router, only one until the router works again.
/// Background devices are taken when no other is ready.
///
/// A pure state machine without a clock.
struct DeviceQueue {
    private let limit: Int
    private var entries: [MACAddress: DeviceEntry] = [:]
    private var ready: ArraySlice<MACAddress> = []
    private var background: ArraySlice<MACAddress> = []
    /// Earliest first.
    private var delayed: [(due: Date, device: MACAddress)] = []
    private var running: Set<MACAddress> = []
    /// Devices that were marked while they were worked on.
    private var markedAgain: Set<MACAddress> = []
    private(set) var routerFailures = 0
    private var pausedUntil = Date.distantPast

    /// Seconds: the longest wait in the queue.
    static let longestWait: TimeInterval = 75

    init(limit: Int) { self.limit = limit }

    var isEmpty: Bool { entries.isEmpty }

    func contains(_ device: MACAddress) -> Bool { entries[device] != nil }

    /// The desired state of the device has changed. `isOld`: whether it changed before the program started.
    mutating func mark(_ device: MACAddress, isOld: Bool = false) {
        guard entries[device] != nil else {
            entries[device] = DeviceEntry(isOld: isOld)
            return ready.append(device)
        }
        // A claim of devices from the database also returns those that are already in the queue.
        if isOld { return }
        if running.contains(device) {
            markedAgain.insert(device)
        } else {
            removeTurn(of: device)
            forgetSuspicion(of: device)
            ready.append(device)
        }
    }

    /// Discards the result of a comparison and its long waits: a guest may wait for a marked device, and the database
    /// has its desired state.
    private mutating func forgetSuspicion(of device: MACAddress) {
        if entries[device]?.suspect != nil { entries[device] = DeviceEntry() }
    }

    /// The router differs from the desired state of the device. Has no effect on a device that is already in the queue.
    mutating func suspect(_ client: GatewayClient, until: Date) {
        guard entries[client.mac] == nil else { return }
        var entry = DeviceEntry()
        entry.suspect(client, until: until)
        entries[client.mac] = entry
        background.append(client.mac)
    }

    private mutating func removeTurn(of device: MACAddress) {
        ready.removeAll { $0 == device }
        background.removeAll { $0 == device }
        delayed.removeAll { $0.device == device }
    }

    private mutating func makeReady(_ device: MACAddress) {
        if entries[device]?.isBackground == true { background.append(device) } else { ready.append(device) }
    }

    private mutating func popReady() -> MACAddress? { ready.popFirst() ?? background.popFirst() }

    private var hasReady: Bool { !ready.isEmpty || !background.isEmpty }

    /// Returns the next device to work on, until `settled`, `delay` or `pause` is called for it.
    mutating func next(at now: Date) -> (device: MACAddress, entry: DeviceEntry)? {
        while let first = delayed.first, hasCome(first.due, at: now) { makeReady(delayed.removeFirst().device) }
        guard let device = nextDevice(at: now), var entry = entries[device] else { return nil }
        running.insert(device)
        markedAgain.remove(device)
        entry.forgetDistantDelays(at: now)
        return (device, entry)
    }

    /// Whether `moment` has passed. A moment beyond the longest wait was set before the clock was set back, and counts
    /// as passed.
    private func hasCome(_ moment: Date, at now: Date) -> Bool {
        moment <= now || moment.timeIntervalSince(now) > Self.longestWait
    }

    private mutating func nextDevice(at now: Date) -> MACAddress? {
        if routerFailures == 0 { return running.count < limit ? popReady() : nil }
        return hasCome(pausedUntil, at: now) && running.isEmpty ? popReady() : nil
    }

    /// Whether `next` would return another device at once.
    func hasMore(at now: Date) -> Bool {
        guard routerFailures == 0, running.count < limit else { return false }
        return hasReady || delayed.first.map { hasCome($0.due, at: now) } ?? false
    }

    /// Whether no device is worked on and none is ready.
    func isIdle(at now: Date) -> Bool {
        guard running.isEmpty else { return false }
        if routerFailures > 0, !hasCome(pausedUntil, at: now) { return true }
        return !hasReady && delayed.first.map { !hasCome($0.due, at: now) } ?? true
    }

    /// Returns the first time at which `next` may return a device that it does not return now; nil if only an event can
    /// change that.
    func nextMoment(at now: Date) -> Date? {
        guard routerFailures == 0 || running.isEmpty else { return nil }
        let candidate = hasReady ? (routerFailures > 0 ? pausedUntil : nil) : delayed.first?.due
        let moment = candidate.map { max($0, routerFailures > 0 ? pausedUntil : $0) }
        return moment.map { hasCome($0, at: now) ? now : $0 }
    }

    /// Nothing is left to do for the device, unless it was marked again.
    mutating func settled(_ device: MACAddress) {
        running.remove(device)
        guard markedAgain.remove(device) == nil else {
            entries[device] = DeviceEntry()
            return ready.append(device)
        }
        entries[device] = nil
    }

    /// Delays the device until `due`.
    mutating func delay(_ device: MACAddress, _ entry: DeviceEntry, until due: Date) {
        running.remove(device)
        entries[device] = entry
        guard markedAgain.remove(device) == nil else {
            forgetSuspicion(of: device)
            return ready.append(device)
        }
        let index = delayed.lastIndex { $0.due <= due }.map { $0 + 1 } ?? 0
        delayed.insert((due, device), at: index)
    }

    /// The router is not called for this many seconds; the device is the first to be tried afterwards. Returns true if
    /// the router has worked until now.
    mutating func pause(_ device: MACAddress, _ entry: DeviceEntry, for seconds: TimeInterval, at now: Date) -> Bool {
        running.remove(device)
        entries[device] = entry
        if markedAgain.remove(device) != nil { forgetSuspicion(of: device) }
        if entries[device]?.isBackground == true {
            background.append(device)
        } else {
            ready.insert(device, at: ready.startIndex)
        }
        let isFirst = routerFailures == 0
        // Calls that were in flight together fail together, and count as one failure.
        let isNext = hasCome(pausedUntil, at: now)
        if isNext { routerFailures += 1 }
        let end = now.addingTimeInterval(seconds)
        pausedUntil = isNext ? end : max(pausedUntil, end)
        return isFirst
    }

    /// The router has responded. Returns true if it had failed before.
    mutating func recover() -> Bool {
        defer { (routerFailures, pausedUntil) = (0, .distantPast) }
        return routerFailures > 0
    }
}
