import Foundation
import NetworkAddress
import Testing

@testable import Gateways

struct AuthListTests {
    private let start = Date(timeIntervalSince1970: 1_800_000_000)
    private func mac(_ number: Int) throws -> MACAddress {
        try #require(MACAddress(rawValue: 0x02_0000_0000 + UInt64(number)))
    }
    private func at(_ seconds: Double) -> Date { start.addingTimeInterval(seconds) }
    private func text(_ number: Int, _ minutes: Int) throws -> String {
        "\(try mac(number).description.lowercased())%20\(minutes)%200%200%200%200%20cG9ydGljbw=="
    }

    @Test func `a guest is offered until openNDS has taken it, and twice after`() throws {
        var list = AuthList()
        #expect(list.offer(at: start) == "*")
        list.wish(try mac(1), until: at(1_200))
        for second in [0, 10, 20] {
            #expect(try list.offer(at: at(Double(second))) == "* " + text(1, second == 0 ? 20 : 20))
            #expect(try !list.isHeld(mac(1), at: at(Double(second))) && list.isDeclined(mac(1)))
        }
        list.take([try mac(1)])
        #expect(try list.isHeld(mac(1), at: at(21)) && !list.isDeclined(mac(1)))
        #expect(try list.offer(at: at(30)) == "* " + text(1, 20))
        #expect(try list.offer(at: at(40)) == "* " + text(1, 20))
        #expect(list.offer(at: at(50)) == "*")
    }

    @Test func `minutes are whole ones, no less than the time`() throws {
        for (seconds, minutes) in [(1.0, 1), (59, 1), (60, 1), (61, 2), (1_199, 20)] {
            var list = AuthList()
            list.wish(try mac(1), until: at(seconds))
            #expect(try list.offer(at: start) == "* " + text(1, minutes))
        }
    }

    @Test func `four go at a time, the new and the waiting first`() throws {
        var list = AuthList()
        for number in 1...6 { list.wish(try mac(number), until: at(600)) }
        let first = Set(list.offer(at: start).split(separator: " ").dropFirst())
        #expect(first.count == 4)
        let second = Set(list.offer(at: start).split(separator: " ").dropFirst())
        #expect(second.count == 4 && first.union(second).count == 6)
        list.take(try (1...6).map(mac))
        list.wish(try mac(9), until: at(600))
        #expect(try list.offer(at: start).hasPrefix("* " + text(9, 10)))
    }

    @Test func `whoever was not offered cannot be taken`() throws {
        var list = AuthList()
        list.take([try mac(1)])
        list.wish(try mac(2), until: at(600))
        list.take([try mac(2)])
        #expect(try !list.isHeld(mac(1), at: start) && !list.isHeld(mac(2), at: start))
    }

    @Test func `a stay that was made longer goes on when openNDS has ended it`() throws {
        var list = AuthList()
        list.wish(try mac(1), until: at(60))
        _ = list.offer(at: start)
        list.take([try mac(1)])
        list.wish(try mac(1), until: at(660))
        #expect(try list.isHeld(mac(1), at: at(10)), "the guest is online all along")
        for second in [20.0, 30, 40] { _ = list.offer(at: at(second)) }
        #expect(list.offer(at: at(50)) == "*")
        #expect(try list.offer(at: at(60)) == "* " + text(1, 10))
        #expect(try !list.isHeld(mac(1), at: at(61)))
        list.take([try mac(1)])
        #expect(try list.isHeld(mac(1), at: at(61)))
    }

    @Test func `what is over is offered no more`() throws {
        var list = AuthList()
        list.wish(try mac(1), until: at(30))
        #expect(list.offer(at: at(30)) == "*")
    }

    @Test func `a guest who was let through cannot be taken back`() throws {
        var list = AuthList()
        for number in 1...2 { list.wish(try mac(number), until: at(600)) }
        _ = list.offer(at: start)
        list.take([try mac(1)])
        #expect(try !list.drop(mac(1), at: at(1)))
        #expect(try list.drop(mac(2), at: at(1)) && list.drop(mac(3), at: at(1)))
        #expect(list.offer(at: at(2)) == "*")
        list.wish(try mac(1), until: at(600))
        _ = list.offer(at: at(3))
        list.take([try mac(1)])
        #expect(try list.drop(mac(1), at: at(600)), "its time is over")
    }

    @Test func `one whom openNDS caught again is offered when it is wished again`() throws {
        var list = AuthList()
        list.wish(try mac(1), until: at(600))
        _ = list.offer(at: start)
        list.take([try mac(1)])
        list.lose(try mac(1))
        #expect(try !list.isHeld(mac(1), at: at(1)) && list.offer(at: at(1)) == "*")
        list.wish(try mac(1), until: at(600))
        #expect(try list.offer(at: at(1)) == "* " + text(1, 10))
        list.lose(try mac(1))
        #expect(try list.offer(at: at(1)) == "* " + text(1, 10), "it was not let through yet")
    }

    @Test func `those who were online when openNDS restarted are offered three times`() throws {
        var list = AuthList()
        list.wish(try mac(1), until: at(600))
        list.wish(try mac(2), until: at(600))
        _ = list.offer(at: start)
        list.take([try mac(1)])
        list.restart(with: [(try mac(1), at(600)), (try mac(3), at(900))])
        #expect(try !list.isHeld(mac(1), at: at(1)))
        for _ in 1...3 { #expect(try list.offer(at: at(1)).contains(text(3, 15))) }
        #expect(try list.offer(at: at(1)) == "* " + text(2, 10), "a guest who waits has no limit")
    }
}
