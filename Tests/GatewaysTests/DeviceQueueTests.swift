import Captive
import Foundation
import NetworkAddress
import Testing

@testable import Gateways

/// A line that an expectation may change.
private final class Line {
    private var line = DeliveryLine()
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    func add(_ entry: DeliveryEntry) -> DeliveryEntry? { line.add(entry) }
    func next(at now: Date) -> DeliveryEntry? { line.next(at: now) }
    func isIdle(at now: Date) -> Bool { line.isIdle(at: now) }
    func shouldYield(_ entry: DeliveryEntry) -> Bool { line.shouldYield(entry) }
    func done(_ entry: DeliveryEntry) -> Bool { line.done(entry, routerWorks: false) }
    func isAbsent(_ entry: DeliveryEntry) -> Bool { line.failed(entry, .retry(after: 10), at: now) }
}

/// A repair is what a comparison found; the books' own orders come before it.
@Suite struct DeliveryLineTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    private func entry(_ device: UInt64, _ origin: DeliveryEntry.Origin) throws -> DeliveryEntry {
        let client = GatewayClient(mac: try #require(MACAddress(rawValue: device)), ip: .v4(1))
        let order = GatewayOrder.make(.authorize, of: .make(client, at: UUID(), now: now), now: now)
        return DeliveryEntry(order: order, origin: origin)
    }

    @Test func `guests who wait come before repairs that were found earlier`() throws {
        let line = Line()
        let (repair, fresh) = (try entry(1, .repair), try entry(2, .fresh))
        #expect(line.add(repair) == nil && line.add(fresh) == nil)
        #expect(line.next(at: now)?.order == fresh.order)
        #expect(line.next(at: now)?.order == repair.order)
    }

    @Test func `a repair finds no place where the books have an order for the device`() throws {
        let line = Line()
        let (fresh, repair) = (try entry(1, .fresh), try entry(1, .repair))
        #expect(line.add(fresh) == nil)
        #expect(line.add(repair)?.order == repair.order)
    }

    @Test func `a new order takes the place of a repair that waits for its device to come back`() throws {
        let line = Line()
        let (repair, fresh) = (try entry(1, .repair), try entry(1, .fresh))
        #expect(line.add(repair) == nil)
        let waiting = try #require(line.next(at: now))
        #expect(!line.isAbsent(waiting))
        #expect(line.next(at: now) == nil && line.isIdle(at: now))
        #expect(line.add(fresh)?.order == repair.order)
        #expect(line.next(at: now)?.order == fresh.order)
        #expect(line.next(at: now + 10) == nil)
    }

    @Test func `a repair under way is finished first, and not tried again while others wait`() throws {
        let line = Line()
        let (repair, fresh) = (try entry(1, .repair), try entry(1, .fresh))
        #expect(line.add(repair) == nil)
        let tried = try #require(line.next(at: now))
        #expect(!line.shouldYield(tried))
        #expect(line.add(fresh) == nil)
        #expect(line.next(at: now) == nil && line.shouldYield(tried))
        #expect(!line.done(tried))
        #expect(line.next(at: now)?.order == fresh.order)
    }
}
