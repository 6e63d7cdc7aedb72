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
    /// The devices in a response.
    private func devices(_ answer: String) -> [MACAddress] {
        answer.split(separator: " ").dropFirst().compactMap { MACAddress($0.prefix(17)) }
    }

    @Test func `a guest is offered until its session ends, regardless of reports`() throws {
        var list = AuthList()
        #expect(list.offer(at: start) == "*")
        list.request(try mac(1), until: at(1_200), at: start)
        for second in [0.0, 10, 20] {
            #expect(try list.offer(at: at(second)) == "* " + text(1, 20))
            #expect(try !list.isHeld(mac(1), at: at(second)) && list.isDeclined(mac(1)))
        }
        list.recordReport([try mac(1)])
        #expect(try list.isHeld(mac(1), at: at(21)) && !list.isDeclined(mac(1)))
        for minute in 1..<20 {
            #expect(try list.offer(at: at(Double(minute) * 60)) == "* " + text(1, 20 - minute))
            list.recordReport([try mac(1)])
        }
        #expect(list.offer(at: at(1_200)) == "*")
    }

    @Test func `the time is rounded up to whole minutes`() throws {
        for (seconds, minutes) in [(1.0, 1), (59, 1), (60, 1), (61, 2), (1_199, 20)] {
            var list = AuthList()
            list.request(try mac(1), until: at(seconds), at: start)
            #expect(try list.offer(at: start) == "* " + text(1, minutes))
        }
    }

    @Test func `polls within a second get the same response, and a new guest is offered at once`() throws {
        var list = AuthList()
        for number in 1...100 { list.request(try mac(number), until: at(600), at: start) }
        let first = list.offer(at: start)
        #expect(devices(first).count == 6)
        for _ in 1...20 { #expect(list.offer(at: at(0.9)) == first) }
        var others: Set<String> = []
        for second in 1...20 { others.insert(list.offer(at: at(Double(second)))) }
        #expect(others.count > 10)
        var one = AuthList()
        #expect(one.offer(at: start) == "*")
        one.request(try mac(1), until: at(600), at: start)
        #expect(try devices(one.offer(at: start)) == [mac(1)])
    }

    @Test func `new guests come first, and each kind has a slot among the four that every authmon reads`() throws {
        var list = AuthList()
        list.update(running: try (1...50).map { (try mac($0), at(9_000)) }, at: start)
        for number in 61...80 { list.request(try mac(number), until: at(9_000), at: start) }
        var offered: Set<MACAddress> = []
        var second = 0.0
        while try !offered.isSuperset(of: (61...70).map(mac)) {
            offered.formUnion(devices(list.offer(at: at(second))))
            second += 1
        }
        for number in 61...80 { list.request(try mac(number), until: at(9_000), at: at(second)) }
        list.recordReport(try (61...70).map(mac))
        let answer = devices(list.offer(at: at(second)))
        #expect(answer.count == 6 && Set(answer).count == 6)
        #expect(try answer.prefix(2).allSatisfy { try (71...80).map(mac).contains($0) })
        #expect(try (61...70).map(mac).contains(answer[2]) && (1...50).map(mac).contains(answer[3]))
        #expect(try answer.suffix(2).allSatisfy { try (71...80).map(mac).contains($0) })
        let later = devices(list.offer(at: at(second + AuthList.urgency)))
        #expect(later.count == 6, "without new guests, all slots go to the others")
    }

    @Test func `a report of a device that was not offered is ignored`() throws {
        var list = AuthList()
        list.recordReport([try mac(1)])
        list.request(try mac(2), until: at(600), at: start)
        list.recordReport([try mac(2)])
        #expect(try !list.isHeld(mac(1), at: start) && !list.isHeld(mac(2), at: start))
    }

    @Test func `an extended session is urgent again when openNDS has ended it`() throws {
        var list = AuthList()
        list.request(try mac(1), until: at(600), at: start)
        _ = list.offer(at: start)
        list.recordReport([try mac(1)])
        list.request(try mac(1), until: at(1_200), at: at(10))
        #expect(try list.isHeld(mac(1), at: at(11)), "the guest remains online")
        list.update(running: try [(mac(1), at(1_200))] + (2...50).map { (try mac($0), at(9_000)) }, at: at(500))
        #expect(try devices(list.offer(at: at(600))).first == mac(1), "openNDS has ended it")
        #expect(try !list.isHeld(mac(1), at: at(601)))
        list.recordReport([try mac(1)])
        #expect(try list.isHeld(mac(1), at: at(601)))
    }

    @Test func `an authorized guest cannot be deauthorized`() throws {
        var list = AuthList()
        for number in 1...2 { list.request(try mac(number), until: at(600), at: start) }
        _ = list.offer(at: start)
        list.recordReport([try mac(1)])
        #expect(try !list.remove(mac(1), at: at(1)))
        #expect(try list.remove(mac(2), at: at(1)) && list.remove(mac(3), at: at(1)))
        #expect(list.offer(at: at(2)) == "*")
        list.update(running: [(try mac(1), at(600))], at: at(3))
        #expect(list.offer(at: at(3)) == "*", "the sessions were read while it was ending")
        list.request(try mac(1), until: at(600), at: at(4))
        #expect(try devices(list.offer(at: at(4))) == [mac(1)])
        list.recordReport([try mac(1)])
        #expect(try list.remove(mac(1), at: at(600)), "its time is over")
    }

    @Test func `a guest that is being disconnected at openNDS is not offered`() throws {
        var list = AuthList()
        list.update(running: [(try mac(1), at(9_000))], at: start)
        list.withhold(try mac(1), at: start)
        #expect(list.offer(at: at(599)) == "*")
        #expect(try devices(list.offer(at: at(601))) == [mac(1)])
        list.withhold(try mac(1), at: at(700))
        list.request(try mac(1), until: at(9_000), at: at(701))
        #expect(try devices(list.offer(at: at(701))) == [mac(1)], "it has used a code again")
    }

    @Test func `a session that left the database is not offered unless its guest is waiting`() throws {
        var list = AuthList()
        for number in 1...2 { list.request(try mac(number), until: at(600), at: start) }
        _ = list.offer(at: start)
        list.recordReport([try mac(1)])
        list.update(running: [], at: at(15))
        #expect(try devices(list.offer(at: at(15))) == [mac(2)])
        list.update(running: [], at: at(AuthList.urgency))
        #expect(list.offer(at: at(AuthList.urgency)) == "*")
    }

    // MARK: Attacks: forged polls and reports

    /// A deterministic generator (SplitMix64).
    private struct Seeded: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }

    /// Polls every `interval` seconds, while an attacker polls and reports every device each second.
    /// Returns the second in which `guest` is offered to openNDS.
    private func attack(
        _ list: inout AuthList, on guest: MACAddress, from begin: Double, interval: Int = 10, of devicesTaken: Int = 4
    ) -> Double? {
        var random = Seeded(state: 1)
        for second in 1...600 {
            let time = at(begin + Double(second))
            list.recordReport(devices(list.offer(at: time, using: &random)) + [guest])
            if second % interval == 0, devices(list.offer(at: time)).prefix(devicesTaken).contains(guest) {
                return Double(second)
            }
        }
        return nil
    }

    @Test func `forged polls and reports do not block a guest`() throws {
        for seed in 0..<50 {
            var list = AuthList()
            list.update(running: try (100..<400).map { (try mac($0), at(90_000)) }, at: start)
            let time = at(Double(seed))
            list.request(try mac(1), until: at(3_600), at: time)
            #expect(attack(&list, on: try mac(1), from: Double(seed)) == 10, "authmon's next poll")
        }
    }

    @Test func `many guests are authorized during an attack`() throws {
        var list = AuthList()
        list.update(running: try (100..<400).map { (try mac($0), at(90_000)) }, at: start)
        let guests = try (1...12).map(mac)
        guests.forEach { list.request($0, until: at(3_600), at: start) }
        var inside: Set<MACAddress> = []
        var random = Seeded(state: 1)
        for second in 1..<Int(AuthList.urgency) {
            let time = at(Double(second))
            list.recordReport(devices(list.offer(at: time, using: &random)) + guests)
            // Authmon of later versions reads four devices.
            if second % 5 == 0 { inside.formUnion(devices(list.offer(at: time)).prefix(4)) }
        }
        #expect(inside.isSuperset(of: guests))
    }

    @Test func `a guest that was not authorized in time is authorized later`() throws {
        var list = AuthList()
        let running = try (1..<40).map { (try mac($0), at(90_000)) }
        list.request(try mac(1), until: at(90_000), at: start)
        _ = list.offer(at: start)
        list.recordReport([try mac(1)])
        // openNDS was unreachable while the guest was urgent.
        list.update(running: running, at: at(600))
        #expect(attack(&list, on: try mac(1), from: 600) != nil)
    }

    @Test func `a forged report of a restart does not delay a guest`() throws {
        var list = AuthList()
        list.update(running: try (100..<400).map { (try mac($0), at(90_000)) }, at: start)
        list.request(try mac(1), until: at(3_600), at: at(1))
        list.clearHeld()
        #expect(try devices(list.offer(at: at(2))).first == mac(1))
    }

    @Test func `forged intercepts do not delay a guest`() throws {
        var list = AuthList()
        let running = try (100..<400).map(mac)
        list.update(running: running.map { ($0, at(90_000)) }, at: start)
        running.forEach { list.markLost($0, isProved: false, at: at(1)) }
        list.request(try mac(1), until: at(3_600), at: at(1))
        #expect(try devices(list.offer(at: at(2))).first == mac(1))
        list.markLost(running[7], isProved: true, at: at(3))
        #expect(devices(list.offer(at: at(4))).prefix(2).contains(running[7]), "an encrypted intercept is trusted")
    }
}
