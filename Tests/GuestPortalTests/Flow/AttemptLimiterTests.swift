import Captive
import Foundation
import GuestPortal
import NetworkAddress
import Testing

@Suite struct AttemptLimiterTests {
    let site = UUID()
    let instance = UUID()
    let start = Date(timeIntervalSince1970: 1_800_000_000)

    /// An attempt by device `number`; from its own address by default.
    func attempt(
        _ number: UInt32, from source: IPAddress? = nil, site: UUID? = nil, instance: UUID? = nil
    ) throws -> CodeAttempt {
        let client = GatewayClient(
            mac: try #require(MACAddress(rawValue: UInt64(number))), ip: .v4(0x0A05_0000 + number))
        return CodeAttempt(
            siteID: site ?? self.site, instanceID: instance ?? self.instance, client: client,
            source: source ?? client.ip)
    }

    @Test func `the eleventh attempt in a minute must wait until the minute of the first one ends`() throws {
        let limits = AttemptLimiter(perDevice: 10)
        let guest = try attempt(1)
        for second in 0..<10 {
            #expect(limits.begin(guest, now: start + Double(second)) == .allowed)
        }
        #expect(limits.begin(guest, now: start + 20) == .wait(seconds: 40))
        #expect(limits.begin(guest, now: start + 60) == .allowed)
    }

    @Test func `an attempt that must wait is not counted`() throws {
        let limits = AttemptLimiter(perDevice: 1)
        let guest = try attempt(1)
        #expect(limits.begin(guest, now: start) == .allowed)
        for _ in 0..<100 { _ = limits.begin(guest, now: start + 59) }
        #expect(limits.begin(guest, now: start + 60) == .allowed)
    }

    @Test func `a clock that is set back blocks no device`() throws {
        let limits = AttemptLimiter(perDevice: 1)
        let guest = try attempt(1)
        #expect(limits.begin(guest, now: start) == .allowed)
        #expect(limits.begin(guest, now: start - 3_600) == .allowed)
    }

    @Test func `a client that forges another device's addresses uses up attempts of its own`() throws {
        let limits = AttemptLimiter(perDevice: 10)
        let victim = try attempt(1)
        let forged = try attempt(1, from: .v4(0x0A05_0063))
        for _ in 0..<50 { _ = limits.begin(forged, now: start) }
        #expect(limits.begin(victim, now: start) == .allowed)
    }

    @Test func `many attempts at an instance or from a source require proof and refuse no device`() throws {
        let limits = AttemptLimiter(perDevice: 10, perBucket: 20)
        for number in 0..<20 {
            #expect(limits.begin(try attempt(100 + UInt32(number)), now: start) == .allowed)
        }
        #expect(limits.begin(try attempt(1), now: start + 1) == .needsProof)
        #expect(limits.begin(try attempt(1, instance: UUID()), now: start + 1) == .allowed, "another instance")
        #expect(limits.begin(try attempt(1), now: start + 61) == .allowed, "a minute later")
    }

    @Test func `an instance has one budget at all its sites`() throws {
        let limits = AttemptLimiter(perDevice: 10, perBucket: 20)
        for number in 0..<20 { _ = limits.begin(try attempt(100 + UInt32(number), site: UUID()), now: start) }
        #expect(limits.begin(try attempt(1), now: start) == .needsProof)
    }

    @Test func `the addresses of an IPv6 network are one source`() throws {
        let limits = AttemptLimiter(perDevice: 10, perBucket: 20)
        for number in 0..<20 {
            let source = IPAddress.v6(0x2001_0db8_0000_0001, UInt64(number) << 40 | 7)
            _ = limits.begin(try attempt(1, from: source, site: UUID(), instance: UUID()), now: start)
        }
        let neighbour = IPAddress.v6(0x2001_0db8_0000_0001, 0xFFFF)
        let stranger = IPAddress.v6(0x2001_0db8_0000_0002, 0xFFFF)
        #expect(limits.begin(try attempt(1, from: neighbour, instance: UUID()), now: start) == .needsProof)
        #expect(limits.begin(try attempt(1, from: stranger, instance: UUID()), now: start) == .allowed)
    }

    @Test func `attempts are counted before their answer, and correct codes are subtracted`() throws {
        let limits = AttemptLimiter(perDevice: 10, perBucket: 20)
        let together = try (0..<30).map { limits.begin(try attempt(UInt32($0)), now: start) }
        #expect(together.filter { $0 == .allowed }.count == 20)
        for number in 0..<30 { limits.succeeded(try attempt(UInt32(number)), now: start) }
        #expect(limits.begin(try attempt(100), now: start) == .allowed)
    }

    @Test func `the queue passes two attempts a second, and none waits for longer than its limit`() throws {
        let limits = AttemptLimiter(perDevice: 10)
        let waits = try (1...200).map { limits.enterLine(try attempt(UInt32($0), from: .loopback)) }
        #expect(waits.prefix(4) == [.milliseconds(500), .seconds(1), .milliseconds(1_500), .seconds(2)])
        #expect(waits.last == AttemptLimiter.longestWait)
        for number in 1...200 { limits.leaveLine(try attempt(UInt32(number), from: .loopback)) }
        #expect(limits.enterLine(try attempt(1, from: .loopback)) == .milliseconds(500))
    }

    @Test func `a client that closes the connection leaves the queue without an attempt`() async throws {
        let limits = AttemptLimiter(perDevice: 10)
        let guest = try attempt(1)
        let waiting = Task { try await limits.waitInQueue(guest) }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        #expect(limits.enterLine(guest) == .milliseconds(500))
    }

    @Test func `invented devices neither fill the memory nor affect other devices`() throws {
        let limits = AttemptLimiter(perDevice: 10, perBucket: .max, capacity: 100)
        for number in 0..<1_000 { #expect(limits.begin(try attempt(UInt32(number)), now: start) == .allowed) }
        let guest = try attempt(5_000)
        for _ in 0..<10 { #expect(limits.begin(guest, now: start) == .allowed) }
        #expect(limits.begin(guest, now: start) == .wait(seconds: 60))
    }
}
