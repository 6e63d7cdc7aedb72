import Captive
import Foundation
import NetworkAddress
import Testing

@testable import Gateways

/// A queue that can be changed within an expectation. Times are relative to `now`.
private final class Queue {
    private var queue: DeviceQueue
    private let now: Date

    init(limit: Int = 4, now: Date) { (queue, self.now) = (DeviceQueue(limit: limit), now) }

    var isEmpty: Bool { queue.isEmpty }
    func next(after seconds: TimeInterval = 0) -> MACAddress? { queue.next(at: now + seconds)?.device }
    func entry(after seconds: TimeInterval = 0) -> DeviceEntry? { queue.next(at: now + seconds)?.entry }
    func contains(_ device: MACAddress) -> Bool { queue.contains(device) }
    func hasMore(after seconds: TimeInterval = 0) -> Bool { queue.hasMore(at: now + seconds) }
    func isIdle(after seconds: TimeInterval = 0) -> Bool { queue.isIdle(at: now + seconds) }
    /// Seconds until `next` may return another device.
    func wait(after seconds: TimeInterval = 0) -> TimeInterval? {
        queue.nextMoment(at: now + seconds)?.timeIntervalSince(now + seconds)
    }
    func mark(_ device: MACAddress) { queue.mark(device) }
    /// Marks a device that was marked before the start.
    func markOld(_ device: MACAddress) { queue.mark(device, isOld: true) }
    func suspect(_ device: MACAddress) {
        queue.suspect(GatewayClient(mac: device, ip: .v4(1)), until: now + 300)
    }
    func settled(_ device: MACAddress) { queue.settled(device) }
    func delay(_ device: MACAddress, _ entry: DeviceEntry = DeviceEntry(), until seconds: TimeInterval) {
        queue.delay(device, entry, until: now + seconds)
    }
    func pause(
        _ device: MACAddress, _ entry: DeviceEntry = DeviceEntry(), for pause: TimeInterval,
        after seconds: TimeInterval = 0
    ) -> Bool {
        queue.pause(device, entry, for: pause, at: now + seconds)
    }
    func recover() -> Bool { queue.recover() }
    var routerFailures: Int { queue.routerFailures }
}

@Suite struct DeviceQueueTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    private func queue(limit: Int = 4) -> Queue { Queue(limit: limit, now: now) }

    private func device(_ number: UInt64) throws -> MACAddress { try #require(MACAddress(rawValue: number)) }

    private func devices(_ count: UInt64) throws -> [MACAddress] { try (1...count).map(device) }

    /// A session of device 1, or one that moves to device 1 if `isMoving`.
    private func session(ip: UInt32 = 1, isMoving: Bool = false) throws -> GuestSession {
        let client = GatewayClient(mac: try device(1), ip: .v4(ip))
        let here = isMoving ? GatewayClient(mac: try device(2), ip: .v4(9)) : client
        return GuestSession(
            id: Self.id, siteID: Self.id, instanceID: Self.id, workspace: .default, client: here, strategy: .coupon,
            ttl: 60, createdAt: now, expiresAt: now + 60,
            move: isMoving ? GuestSession.PendingMove(client: client, since: now) : nil)
    }

    private static let id = UUID()

    @Test func `devices are taken in the order of their marks, up to the limit`() throws {
        let (queue, devices) = (queue(limit: 2), try devices(3))
        devices.forEach { queue.mark($0) }
        #expect(queue.next() == devices[0])
        #expect(queue.hasMore())
        #expect(queue.next() == devices[1])
        #expect(!queue.hasMore() && queue.next() == nil)
        #expect(queue.wait() == nil && !queue.isIdle(), "only the end of a turn changes that")
        #expect(devices.allSatisfy { queue.contains($0) })
        queue.settled(devices[0])
        #expect(queue.next() == devices[2])
        #expect(!queue.contains(devices[0]))
        queue.settled(devices[1])
        #expect(!queue.hasMore())
        queue.settled(devices[2])
        #expect(queue.isEmpty && queue.isIdle() && queue.next() == nil)
    }

    @Test func `a device marked again before its turn is taken once`() throws {
        let (queue, device) = (queue(), try device(1))
        queue.mark(device)
        queue.mark(device)
        queue.markOld(device)
        #expect(queue.next() == device && queue.next() == nil)
        queue.settled(device)
        #expect(queue.isEmpty)
    }

    @Test func `a device marked during its turn is taken again`() throws {
        let (queue, device) = (queue(), try device(1))
        queue.mark(device)
        for _ in 0..<2 {
            #expect(queue.next() == device)
            queue.mark(device)
            #expect(queue.next() == nil)
            queue.settled(device)
        }
        #expect(queue.next() == device)
        queue.mark(device)
        queue.delay(device, until: 10)
        #expect(queue.next() == device, "at once")
        queue.settled(device)
        #expect(queue.isEmpty)
    }

    @Test func `a mark found in the database does not change a device in the queue`() throws {
        let (queue, device) = (queue(), try device(1))
        queue.mark(device)
        #expect(queue.next() == device)
        queue.markOld(device)
        queue.delay(device, until: 10)
        queue.markOld(device)
        #expect(queue.next() == nil && queue.isIdle())
        #expect(queue.next(after: 10) == device)
        queue.settled(device)
        #expect(queue.isEmpty)
    }

    @Test func `a device marked before the start may have been authorized in part`() throws {
        let (queue, devices) = (queue(), try devices(2))
        queue.markOld(devices[0])
        #expect(queue.entry()?.mayHaveBegun == true)
        queue.mark(devices[1])
        #expect(queue.entry()?.mayHaveBegun == false)
    }

    @Test func `a delayed device is taken when it is due or marked again`() throws {
        let (queue, devices) = (queue(), try devices(2))
        for (device, seconds) in zip(devices, [10.0, 5]) {
            queue.mark(device)
            #expect(queue.next() == device)
            queue.delay(device, until: seconds)
        }
        #expect(queue.isIdle() && queue.next() == nil && queue.wait() == 5)
        #expect(!queue.isIdle(after: 5))
        #expect(queue.next(after: 5) == devices[1])
        #expect(queue.wait(after: 5) == 5)
        queue.mark(devices[0])
        #expect(queue.next(after: 5) == devices[0])
        #expect(queue.wait(after: 5) == nil)
    }

    @Test func `delayed devices are taken in the order of their times, then of their delays`() throws {
        let (queue, devices) = (queue(limit: 5), try devices(5))
        devices.forEach { queue.mark($0) }
        for device in devices { #expect(queue.next() == device) }
        for (device, seconds) in zip(devices, [5.0, 10, 7, 10, 1]) { queue.delay(device, until: seconds) }
        #expect(!queue.hasMore(after: 0.9) && queue.hasMore(after: 1))
        #expect(queue.next(after: 10) == devices[4])
        #expect((1...4).compactMap { _ in queue.next(after: 10) } == [devices[0], devices[2], devices[1], devices[3]])
    }

    @Test func `devices of waiting guests precede devices found by a comparison`() throws {
        let (queue, devices) = (queue(), try devices(2))
        queue.suspect(devices[0])
        queue.mark(devices[1])
        #expect(queue.next() == devices[1])
        #expect(queue.next() == devices[0])
    }

    @Test func `devices of waiting guests precede stalled devices`() throws {
        let (queue, devices) = (queue(), try devices(2))
        var stalled = DeviceEntry()
        _ = stalled.fail(nil, .refused("no"), at: now)
        stalled.delay(nil, until: now + 10, isStalled: true)
        queue.mark(devices[0])
        #expect(queue.next() == devices[0])
        queue.delay(devices[0], stalled, until: 10)
        queue.mark(devices[1])
        #expect(queue.next(after: 10) == devices[1])
        #expect(queue.next(after: 10) == devices[0])
    }

    @Test func `devices of waiting guests precede devices found by a comparison after a delay too`() throws {
        let (queue, devices) = (queue(), try devices(2))
        queue.suspect(devices[0])
        let suspect = try #require(queue.entry())
        #expect(suspect.isBackground)
        queue.delay(devices[0], suspect, until: 5)
        queue.mark(devices[1])
        #expect(queue.next() == devices[1])
        queue.delay(devices[1], until: 10)
        #expect(queue.next(after: 10) == devices[1])
        #expect(queue.next(after: 10) == devices[0])
    }

    @Test func `a comparison does not change a device in the queue`() throws {
        let (queue, device) = (queue(), try device(1))
        queue.mark(device)
        queue.suspect(device)
        let entry = try #require(queue.entry())
        #expect(!entry.isSuspect(at: now) && !entry.isBackground)
        #expect(queue.next() == nil)
    }

    @Test func `a mark replaces the result of a comparison before its turn`() throws {
        let (queue, devices) = (queue(), try devices(2))
        devices.forEach { queue.suspect($0) }
        queue.mark(devices[0])
        #expect(queue.entry()?.isBackground == false)
        #expect(queue.entry()?.isBackground == true)
        #expect(queue.next() == nil)
    }

    @Test func `a mark replaces the result of a comparison for a delayed device`() throws {
        let (queue, device) = (queue(), try device(1))
        queue.suspect(device)
        var entry = try #require(queue.entry())
        #expect(entry.isSuspect(at: now) && !entry.isSuspect(at: now + 300))
        _ = entry.fail(Self.id, .deviceNotSeen, at: now)
        entry.delay(Self.id, until: now + 60, isStalled: false)
        queue.delay(device, entry, until: 60)
        #expect(queue.next() == nil && queue.isIdle())
        queue.mark(device)
        let marked = try #require(queue.entry())
        #expect(!marked.isBackground && marked.notBefore.isEmpty)
        queue.settled(device)
        #expect(queue.next(after: 60) == nil && queue.isEmpty)
    }

    @Test func `a mark during its turn replaces the result of a comparison`() throws {
        let (queue, device) = (queue(), try device(1))
        queue.suspect(device)
        var entry = try #require(queue.entry())
        queue.mark(device)
        #expect(queue.next() == nil)
        _ = entry.fail(Self.id, .deviceNotSeen, at: now)
        entry.delay(Self.id, until: now + 60, isStalled: false)
        queue.delay(device, entry, until: 60)
        let marked = try #require(queue.entry())
        #expect(!marked.isBackground && marked.notBefore.isEmpty)
    }

    @Test(arguments: [false, true])
    func `only a mark replaces the result of a comparison when the router fails`(isMarked: Bool) throws {
        let (queue, device) = (queue(), try device(1))
        queue.suspect(device)
        let entry = try #require(queue.entry())
        if isMarked { queue.mark(device) }
        #expect(queue.pause(device, entry, for: 5))
        #expect(queue.entry(after: 5)?.isSuspect(at: now) == !isMarked)
    }

    @Test func `a failing router is called for one device at a time, the failed one first`() throws {
        let (queue, devices) = (queue(), try devices(3))
        devices.forEach { queue.mark($0) }
        #expect(queue.next() == devices[0])
        #expect(queue.pause(devices[0], for: 5))
        #expect(!queue.hasMore() && queue.isIdle())
        #expect(queue.next() == nil && queue.wait() == 5)
        #expect(queue.next(after: 4.9) == nil)
        #expect(queue.next(after: 5) == devices[0])
        #expect(queue.next(after: 5) == nil && queue.wait(after: 5) == nil)
        #expect(!queue.pause(devices[0], for: 5, after: 5), "it had failed before")
        #expect(queue.routerFailures == 2)
        #expect(queue.next(after: 10) == devices[0])
        #expect(queue.recover() && !queue.recover())
        #expect(queue.next(after: 10) == devices[1])
        #expect(queue.next(after: 10) == devices[2])
    }

    @Test func `a device that is delayed while the router fails is due after its delay`() throws {
        let (queue, device) = (queue(), try device(1))
        queue.mark(device)
        #expect(queue.next() == device && queue.pause(device, for: 5))
        #expect(queue.next(after: 5) == device)
        queue.delay(device, until: 9)
        #expect(queue.wait(after: 5) == 4)
    }

    @Test func `failures of calls in flight together count as one`() throws {
        let (queue, devices) = (queue(), try devices(3))
        devices.forEach { queue.mark($0) }
        for device in devices { #expect(queue.next() == device) }
        #expect(queue.pause(devices[0], for: 2))
        #expect(!queue.pause(devices[1], for: 3))
        #expect(queue.wait() == nil, "a call is in flight")
        #expect(!queue.pause(devices[2], for: 1))
        #expect(queue.routerFailures == 1)
        #expect(queue.wait() == 3)
    }

    @Test func `setting the clock back ends pauses and delays`() throws {
        let (queue, devices) = (queue(), try devices(2))
        devices.forEach { queue.mark($0) }
        #expect(queue.next() == devices[0] && queue.next() == devices[1])
        queue.delay(devices[0], until: 10)
        #expect(queue.pause(devices[1], for: 5))
        #expect(queue.wait(after: -7_200) == 0)
        #expect(queue.next(after: -7_200) == devices[1])
        #expect(queue.recover())
        #expect(queue.next(after: -7_200) == devices[0])
    }

    @Test func `a delay longer than any possible one was set before the clock was set back`() throws {
        for (delay, isKept) in [(75.0, true), (75.1, false)] {
            let (queue, device) = (queue(), try device(1))
            queue.mark(device)
            #expect(queue.next() == device)
            queue.delay(device, until: delay)
            #expect((queue.next() == nil) == isKept)
            var entry = DeviceEntry()
            _ = entry.fail(nil, .busy("starting"), at: now)
            #expect(!entry.isBackground)
            entry.delay(nil, until: now + delay, isStalled: false)
            entry.forgetDistantDelays(at: now)
            #expect(entry.notBefore == [nil: isKept ? now + delay : now])
        }
    }

    @Test(arguments: [false, true])
    func `attempts at an earlier address of a session do not count`(isMoving: Bool) throws {
        let device = SiteDevice(siteID: Self.id, mac: try device(1))
        let first = GatewayClient(mac: device.mac, ip: .v4(1))
        for (ip, isSame) in [(UInt32(1), true), (2, false)] {
            let session = try session(ip: ip, isMoving: isMoving)
            var entry = DeviceEntry()
            _ = entry.fail(session.id, .refused("no"), client: first, at: now)
            _ = entry.fail(session.id, .deviceNotSeen, client: first, at: now)
            entry.delay(session.id, until: now + 10, isStalled: true)
            _ = entry.fail(nil, .busy("starting"), at: now)
            entry.delay(nil, until: now + 5, isStalled: false)
            entry.forgetEarlierAddresses(of: DeviceState(device: device, sessions: [session]))
            #expect(entry.notBefore == [session.id: isSame ? now + 10 : .distantPast, nil: now + 5])
            #expect(entry.isBackground == isSame && entry.mayHaveBegun)
            let next = entry.fail(session.id, .deviceNotSeen, at: now + 50)
            #expect(next.count == (isSame ? 3 : 1))
            #expect(next.notSeenSince == (isSame ? now : now + 50))
        }
    }

    @Test func `an attempt that may have been carried out counts at a new address too`() throws {
        var entry = DeviceEntry()
        let device = SiteDevice(siteID: Self.id, mac: try device(1))
        let first = GatewayClient(mac: device.mac, ip: .v4(1))
        _ = entry.fail(Self.id, .unreachable("no answer"), client: first, at: now)
        entry.forgetEarlierAddresses(of: DeviceState(device: device, sessions: [try session(ip: 2)]))
        #expect(entry.mayHaveBegun)
        entry.forget(Self.id)
        #expect(!entry.mayHaveBegun)
    }
}
