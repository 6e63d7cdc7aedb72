internal import Captive
internal import Foundation
internal import NetworkAddress

/// An order on its way, and what has come of it so far.
struct DeliveryEntry: Sendable {
    let order: GatewayOrder
    /// True for one that was on disk before the portal started: its session may have moved on.
    let isOld: Bool
    var attempts = 0
    var lastError: GatewayError?
    /// When the router first said that it has no such device.
    var notSeenSince: Date?
}

/// The orders of one site that are not done, and which may be tried when. Orders for the same device keep their order,
/// at most `limit` are under way at a time, and after a failure of the router only one is until it works again.
///
/// A pure state machine: it is told what has happened and what time it is.
struct DeliveryLine {
    private let limit: Int
    private var lanes: [MACAddress: ArraySlice<DeliveryEntry>] = [:]
    /// Devices whose first order may be tried as soon as the router may be asked.
    private var ready: ArraySlice<MACAddress> = []
    /// Devices whose first order waits, the earliest first.
    private var delayed: [(due: Date, device: MACAddress)] = []
    private var running: Set<MACAddress> = []
    private(set) var routerFailures = 0
    private var pausedUntil = Date.distantPast
    private var overdueSoughtAt = Date.distantPast

    init(limit: Int = 4) { self.limit = limit }

    var isEmpty: Bool { lanes.isEmpty }

    mutating func add(_ entry: DeliveryEntry) {
        let device = entry.order.client.mac
        guard lanes[device]?.append(entry) == nil else { return }
        lanes[device] = [entry]
        ready.append(device)
    }

    /// The next order to try; it is under way until `done` or `failed` is called for it.
    mutating func next(at now: Date) -> DeliveryEntry? {
        while let first = delayed.first, first.due <= now { ready.append(delayed.removeFirst().device) }
        guard let device = nextDevice(at: now) else { return nil }
        running.insert(device)
        return lanes[device]?.first
    }

    private mutating func nextDevice(at now: Date) -> MACAddress? {
        if routerFailures == 0 { return running.count < limit ? ready.popFirst() : nil }
        if now >= pausedUntil { return running.isEmpty ? ready.popFirst() : nil }
        return nextOverdue(at: now)
    }

    /// What became pointless while the router is failing need not wait for it. Looked for once a second, as all orders
    /// are looked at.
    private mutating func nextOverdue(at now: Date) -> MACAddress? {
        guard now >= overdueSoughtAt.addingTimeInterval(1) else { return nil }
        if let index = ready.firstIndex(where: { lanes[$0]?.first.map { $0.order.deadline <= now } ?? false }) {
            return ready.remove(at: index)
        }
        overdueSoughtAt = now
        return nil
    }

    /// True if `next` would give another order at once.
    func hasMore(at now: Date) -> Bool {
        guard routerFailures == 0, running.count < limit else { return false }
        return !ready.isEmpty || delayed.first.map { $0.due <= now } ?? false
    }

    /// The first moment at which `next` may give something that it does not give now; nil if only an event can help.
    func nextMoment(at now: Date) -> Date? {
        guard routerFailures == 0 || running.isEmpty else { return nil }
        let candidate = ready.isEmpty ? delayed.first?.due : (routerFailures > 0 ? pausedUntil : nil)
        return candidate.map { max($0, routerFailures > 0 ? pausedUntil : $0) }
    }

    /// The order is delivered or given up. `routerWorks`: the router has answered. True if it had failed before.
    mutating func done(_ entry: DeliveryEntry, routerWorks: Bool) -> Bool {
        let device = entry.order.client.mac
        running.remove(device)
        lanes[device]?.removeFirst()
        if lanes[device]?.isEmpty == true { lanes[device] = nil } else { ready.append(device) }
        return routerWorks && recover()
    }

    /// The order stays; `verdict` says how long. True if the router's state changed by it.
    mutating func failed(_ entry: DeliveryEntry, _ verdict: DeliveryVerdict, at now: Date) -> Bool {
        let device = entry.order.client.mac
        running.remove(device)
        if let start = lanes[device]?.startIndex { lanes[device]?[start] = entry }
        switch verdict {
        case .pauseRouter(let seconds):
            ready.insert(device, at: ready.startIndex)
            let isFirst = routerFailures == 0
            // Calls that were under way together fail together, and count as one failure.
            if now >= pausedUntil { routerFailures += 1 }
            pausedUntil = max(pausedUntil, now.addingTimeInterval(seconds))
            return isFirst
        case .retry(let seconds):
            delay(device, until: now.addingTimeInterval(seconds))
            return recover()
        case .giveUp: return false
        }
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
