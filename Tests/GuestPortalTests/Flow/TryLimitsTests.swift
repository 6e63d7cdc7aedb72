import Captive
import Foundation
import GuestPortal
import NetworkAddress
import Testing

@Suite struct TryLimitsTests {
    let site = UUID()
    let start = Date(timeIntervalSince1970: 1_800_000_000)

    func client(_ number: UInt32) throws -> GatewayClient {
        GatewayClient(mac: try #require(MACAddress(rawValue: UInt64(number))), ip: .v4(0x0A05_0000 + number))
    }

    @Test func `the eleventh try in a minute must wait for the first one's minute to end`() throws {
        let limits = TryLimits(perDevice: 10)
        let guest = try client(1)
        for second in 0..<10 {
            #expect(limits.count(guest, at: site, from: guest.ip, now: start + Double(second)) == .allowed)
        }
        #expect(limits.count(guest, at: site, from: guest.ip, now: start + 20) == .wait(seconds: 40))
        #expect(limits.count(guest, at: site, from: guest.ip, now: start + 60) == .allowed)
    }

    @Test func `a try that must wait is not counted`() throws {
        let limits = TryLimits(perDevice: 1)
        let guest = try client(1)
        #expect(limits.count(guest, at: site, from: guest.ip, now: start) == .allowed)
        for _ in 0..<100 { _ = limits.count(guest, at: site, from: guest.ip, now: start + 59) }
        #expect(limits.count(guest, at: site, from: guest.ip, now: start + 60) == .allowed)
    }

    @Test func `a clock that is set back locks nobody out`() throws {
        let limits = TryLimits(perDevice: 1)
        let guest = try client(1)
        #expect(limits.count(guest, at: site, from: guest.ip, now: start) == .allowed)
        #expect(limits.count(guest, at: site, from: guest.ip, now: start - 3_600) == .allowed)
    }

    @Test func `who forges another's addresses uses up tries of its own`() throws {
        let limits = TryLimits(perDevice: 10)
        let victim = try client(1)
        let forger = IPAddress.v4(0x0A05_0063)
        for _ in 0..<50 { _ = limits.count(victim, at: site, from: forger, now: start) }
        #expect(limits.count(victim, at: site, from: victim.ip, now: start) == .allowed)
    }

    @Test func `a flood of wrong codes closes no door, it only asks who is there`() throws {
        let limits = TryLimits(perDevice: 10, perCrowd: 20)
        for number in 0..<20 {
            let guesser = try client(100 + UInt32(number))
            #expect(limits.count(guesser, at: site, from: guesser.ip, now: start) == .allowed)
            limits.failed(at: site, from: guesser.ip, now: start)
        }
        let guest = try client(1)
        #expect(limits.count(guest, at: site, from: guest.ip, now: start + 1) == .mustBeKnown)
        #expect(limits.count(guest, at: UUID(), from: guest.ip, now: start + 1) == .allowed, "another site")
        #expect(limits.count(guest, at: site, from: guest.ip, now: start + 61) == .allowed, "a minute later")
    }

    @Test func `made-up devices cannot fill the memory`() throws {
        let limits = TryLimits(perDevice: 10, capacity: 100)
        for number in 0..<1_000 {
            let verdict = limits.count(try client(UInt32(number)), at: site, from: .loopback, now: start)
            #expect(verdict == (number < 100 ? .allowed : .mustBeKnown))
        }
        #expect(limits.count(try client(5_000), at: site, from: .loopback, now: start + 120) == .allowed)
    }
}
