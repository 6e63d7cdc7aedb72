import Foundation
import Testing

@testable import Gateways

@Suite struct WalledGardenQueueTests {
    private let start = Date(timeIntervalSince1970: 1_800_000_000)
    private let site = UUID()

    private func after(_ seconds: TimeInterval) -> Date { start.addingTimeInterval(seconds) }

    /// A queue with one site, which was reconciled at `start`.
    private func settled(failed: Bool = false) -> WalledGardenQueue {
        var queue = WalledGardenQueue(interval: 300)
        queue.enqueue(site, at: start)
        #expect(queue.start(at: start) == [site])
        queue.finish(site, failed: failed, at: start, chance: 0)
        return queue
    }

    @Test func `an unchanged site is due after the interval`() {
        var queue = settled()
        #expect(queue.start(at: after(299)).isEmpty)
        #expect(queue.start(at: after(300)) == [site])
        #expect(queue.start(at: after(900)).isEmpty, "it is running")
    }

    @Test func `a change is reconciled at once, but at most once per second`() {
        var queue = settled()
        queue.enqueue(site, at: after(0.2))
        #expect(queue.start(at: after(0.9)).isEmpty)
        #expect(queue.start(at: after(1)) == [site])
    }

    @Test func `a change during a reconciliation is reconciled next`() {
        var queue = settled()
        queue.enqueue(site, at: after(10))
        #expect(queue.start(at: after(10)) == [site])
        queue.enqueue(site, at: after(10.5))
        queue.finish(site, failed: false, at: after(12), chance: 0)
        #expect(queue.start(at: after(12)) == [site])
        queue.finish(site, failed: false, at: after(13), chance: 0)
        #expect(queue.start(at: after(20)).isEmpty)
    }

    @Test func `a failing router is retried with growing pauses up to the limit`() {
        var queue = WalledGardenQueue(interval: 300)
        queue.enqueue(site, at: start)
        var time = start
        var pauses: [TimeInterval] = []
        var last = start
        while pauses.count < 6 {
            if queue.start(at: time) == [site] {
                if time > start { pauses.append(time.timeIntervalSince(last)) }
                last = time
                queue.finish(site, failed: true, at: time, chance: 1)
            }
            time += 0.25
        }
        #expect(pauses.allSatisfy { $0 >= 1 && $0 <= 8 })
        #expect(pauses == pauses.sorted())
        #expect(pauses.last == 6)
    }

    @Test func `a change retries a failing router one second after the last attempt`() {
        var queue = settled(failed: true)
        for _ in 1...10 { queue.enqueue(site, at: after(0.1)) }
        #expect(queue.start(at: after(0.9)).isEmpty)
        #expect(queue.start(at: after(1)) == [site])
    }

    @Test func `failing routers do not use all slots`() {
        var queue = WalledGardenQueue(interval: 300)
        let failing = Set((1...40).map { _ in UUID() })
        queue.setSites(failing, at: start)
        var under: [UUID] = []
        repeat {
            under = queue.start(at: start)
            for site in under { queue.finish(site, failed: true, at: start, chance: 0) }
        } while !under.isEmpty
        #expect(queue.start(at: after(5)).count == 16)
        queue.enqueue(site, at: after(5))
        #expect(queue.start(at: after(5)) == [site])
    }

    @Test func `the number of concurrent reconciliations is limited`() {
        var queue = WalledGardenQueue(interval: 300)
        queue.setSites(Set((1...100).map { _ in UUID() }), at: start)
        var seen: Set<UUID> = []
        while true {
            let sites = queue.start(at: start)
            if sites.isEmpty { break }
            #expect(sites.count <= 32)
            seen.formUnion(sites)
            for site in sites { queue.finish(site, failed: false, at: start, chance: 0.5) }
        }
        #expect(seen.count == 100)
    }

    @Test func `a site without a router is removed unless it has changed meanwhile`() {
        var queue = settled()
        queue.remove(site, at: after(1))
        #expect(queue.start(at: after(900)).isEmpty)
        queue.enqueue(site, at: after(901))
        #expect(queue.start(at: after(901)) == [site])
        queue.enqueue(site, at: after(902))
        queue.remove(site, at: after(902))
        #expect(queue.start(at: after(902)) == [site])
        queue.finish(site, failed: false, at: after(903), chance: 0)
        queue.setSites([], at: after(904))
        #expect(queue.start(at: after(9_000)).isEmpty)
    }
}
