internal import Captive
internal import Foundation
internal import NetworkAddress

/// The orders of one site that are not done, and which may be tried when. Orders for the same device keep their order,
/// at most `limit` are under way at a time, and after a failure of the router only one is until it works again. A
/// repair is tried when nothing else is to be done, and only for a device that no other order is for. So is an order
/// that stalls, which waits behind the others and is kept.
///
/// A pure state machine: it is told what has happened and what time it is.
struct DeliveryLine {
    private let limit: Int
    private var lanes: [MACAddress: ArraySlice<DeliveryEntry>] = [:]
    /// Devices whose first order may be tried as soon as the router may be asked.
    private var ready: ArraySlice<MACAddress> = []
    /// The same for devices whose order gives way.
    private var repairs: ArraySlice<MACAddress> = []
    /// Devices whose first order waits, the earliest first.
    private var delayed: [(due: Date, device: MACAddress)] = []
    private var running: Set<MACAddress> = []
    private(set) var routerFailures = 0
    private var pausedUntil = Date.distantPast
    private var overdueSoughtAt = Date.distantPast

    /// Seconds; nothing here waits longer.
    static let longestWait: TimeInterval = 75

    init(limit: Int = 4) { self.limit = limit }

    var isEmpty: Bool { lanes.isEmpty }

    /// Returns the repair that has no place any more: one that had waited, or `entry` itself.
    mutating func add(_ entry: DeliveryEntry) -> DeliveryEntry? {
        let device = entry.order.client.mac
        guard let first = lanes[device]?.first else {
            lanes[device] = [entry]
            makeReady(device)
            return nil
        }
        if entry.isRepair { return entry }
        guard first.givesWay, !running.contains(device) else {
            lanes[device]?.append(entry)
            return nil
        }
        forgetTurn(of: device)
        lanes[device] = first.isRepair ? [entry] : [entry] + (lanes[device] ?? [])
        makeReady(device)
        return first.isRepair ? first : nil
    }

    private mutating func forgetTurn(of device: MACAddress) {
        ready.removeAll { $0 == device }
        repairs.removeAll { $0 == device }
        delayed.removeAll { $0.device == device }
    }

    /// True for a repair that others wait behind: it is not worth another try.
    func shouldYield(_ entry: DeliveryEntry) -> Bool {
        entry.isRepair && (lanes[entry.order.client.mac]?.count ?? 0) > 1
    }

    private mutating func makeReady(_ device: MACAddress) {
        if lanes[device]?.first?.givesWay == true { repairs.append(device) } else { ready.append(device) }
    }

    private mutating func popReady() -> MACAddress? { ready.popFirst() ?? repairs.popFirst() }

    private var hasReady: Bool { !ready.isEmpty || !repairs.isEmpty }

    /// The next order to try; it is under way until `done` or `failed` is called for it.
    mutating func next(at now: Date) -> DeliveryEntry? {
        while let first = delayed.first, hasCome(first.due, at: now) { makeReady(delayed.removeFirst().device) }
        guard let device = nextDevice(at: now) else { return nil }
        running.insert(device)
        return lanes[device]?.first
    }

    /// A moment that is farther off than anything waits was reckoned before the clock was set back.
    private func hasCome(_ moment: Date, at now: Date) -> Bool {
        moment <= now || moment.timeIntervalSince(now) > Self.longestWait
    }

    private mutating func nextDevice(at now: Date) -> MACAddress? {
        if routerFailures == 0 { return running.count < limit ? popReady() : nil }
        if hasCome(pausedUntil, at: now) { return running.isEmpty ? popReady() : nil }
        return nextOverdue(at: now)
    }

    /// What became pointless while the router is failing need not wait for it. Looked for once a second, as all orders
    /// are looked at.
    private mutating func nextOverdue(at now: Date) -> MACAddress? {
        guard hasCome(overdueSoughtAt.addingTimeInterval(1), at: now) else { return nil }
        if let index = ready.firstIndex(where: { lanes[$0]?.first.map { $0.order.deadline <= now } ?? false }) {
            return ready.remove(at: index)
        }
        overdueSoughtAt = now
        return nil
    }

    /// True if `next` would give another order at once.
    func hasMore(at now: Date) -> Bool {
        guard routerFailures == 0, running.count < limit else { return false }
        return hasReady || delayed.first.map { hasCome($0.due, at: now) } ?? false
    }

    /// True while nothing is under way and nothing could be begun.
    func isIdle(at now: Date) -> Bool {
        guard running.isEmpty else { return false }
        if routerFailures > 0, !hasCome(pausedUntil, at: now) { return true }
        return !hasReady && delayed.first.map { !hasCome($0.due, at: now) } ?? true
    }

    /// The first moment at which `next` may give something that it does not give now; nil if only an event can help.
    func nextMoment(at now: Date) -> Date? {
        guard routerFailures == 0 || running.isEmpty else { return nil }
        let candidate = hasReady ? (routerFailures > 0 ? pausedUntil : nil) : delayed.first?.due
        let moment = candidate.map { max($0, routerFailures > 0 ? pausedUntil : $0) }
        return moment.map { hasCome($0, at: now) ? now : $0 }
    }

    /// The order is delivered or given up. `routerWorks`: the router has answered. True if it had failed before.
    mutating func done(_ entry: DeliveryEntry, routerWorks: Bool) -> Bool {
        let device = entry.order.client.mac
        running.remove(device)
        lanes[device]?.removeFirst()
        if lanes[device]?.isEmpty == true { lanes[device] = nil } else { makeReady(device) }
        return routerWorks && recover()
    }

    /// The order stays; `verdict` says how long. True if the router's state changed by it.
    mutating func failed(_ entry: DeliveryEntry, _ verdict: DeliveryVerdict, at now: Date) -> Bool {
        let device = entry.order.client.mac
        running.remove(device)
        if let start = lanes[device]?.startIndex { lanes[device]?[start] = entry }
        switch verdict {
        case .pauseRouter(let seconds):
            if entry.givesWay { repairs.append(device) } else { ready.insert(device, at: ready.startIndex) }
            let isFirst = routerFailures == 0
            // Calls that were under way together fail together, and count as one failure.
            let isNext = hasCome(pausedUntil, at: now)
            if isNext { routerFailures += 1 }
            let end = now.addingTimeInterval(seconds)
            pausedUntil = isNext ? end : max(pausedUntil, end)
            return isFirst
        case .retry(let seconds):
            if !letPass(device) { delay(device, until: now.addingTimeInterval(seconds)) }
            return recover()
        case .wait(let seconds):
            delay(device, until: now.addingTimeInterval(seconds))
            return false
        case .giveUp: return false
        }
    }

    /// True if the device's first order stalls, and another has taken its turn.
    private mutating func letPass(_ device: MACAddress) -> Bool {
        guard let lane = lanes[device], let first = lane.first, first.isStalled,
            let next = lane.dropFirst().first, !next.isStalled
        else { return false }
        lanes[device] = lane.dropFirst() + [first]
        makeReady(device)
        return true
    }

    private mutating func recover() -> Bool {
        defer { (routerFailures, pausedUntil) = (0, .distantPast) }
        return routerFailures > 0
    }

    private mutating func delay(_ device: MACAddress, until due: Date) {
        let index = delayed.lastIndex { $0.due <= due }.map { $0 + 1 } ?? 0
        delayed.insert((due, device), at: index)
    }
}
