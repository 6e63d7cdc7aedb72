import Captive
import Foundation
import GatewaySimulator
import NetworkAddress
import Synchronization
import Testing

@testable import Gateways

/// Device look-ups and sign-in windows caused by guest requests.
@Suite struct LookUpTests {
    @Test(arguments: RouterKind.all) func `hundreds of look-ups do not delay an authorization`(
        _ kind: RouterKind
    ) async throws {
        let fixture = try RouterFixture(kind)
        let client = try fixture.joined()
        let menu = "POST ip/dhcp-server/lease"
        fixture.router.plan(.hang, on: menu, times: 1_000)
        let finished = Reads()
        let lookUps = Task {
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<400 {
                    group.addTask {
                        _ = try? await fixture.gateway.device(at: .v4(0x0A06_0000 + UInt32(number)))
                        finished.count.withLock { $0 += 1 }
                    }
                }
            }
        }
        while fixture.router.counts.keys.allSatisfy({ !$0.hasPrefix(menu) }) {
            try await Task.sleep(for: .milliseconds(5))
        }
        try await fixture.gateway.authorize(client, for: 3_600)
        #expect(fixture.router.isOnline(client.mac))
        // The first batch waits for the router; calls beyond the queue were refused at once.
        #expect(finished.count.withLock(\.self) < 400)
        await fixture.router.stop()
        await lookUps.value
    }

    @Test(arguments: RouterKind.all)
    func `hundreds of sign-in windows do not delay an authorization of the same device`(
        _ kind: RouterKind
    ) async throws {
        let fixture = try RouterFixture(kind)
        let client = try fixture.joined()
        let menu = "PUT ip/firewall/address-list"
        let finished = Reads()
        fixture.router.plan(.hang, on: kind == .rest ? menu : "POST ip/firewall/address-list/add", times: 1_000)
        let windows = Task {
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<200 {
                    group.addTask {
                        try? await fixture.gateway.openWindow(client, for: 300)
                        finished.count.withLock { $0 += 1 }
                    }
                }
            }
        }
        while fixture.router.counts.keys.allSatisfy({ !$0.contains("address-list") }) {
            try await Task.sleep(for: .milliseconds(5))
        }
        try await fixture.gateway.authorize(client, for: 3_600)
        #expect(finished.count.withLock(\.self) < 200)
        await fixture.router.stop()
        await windows.value
    }

    @Test(arguments: RouterKind.all) func `a result is shared and cached, also for unknown addresses`(
        _ kind: RouterKind
    ) async throws {
        let fixture = try RouterFixture(kind)
        let client = try fixture.joined()
        let nobody = IPAddress.v4(0x0A05_32FE)
        for _ in 0..<20 {
            #expect(try await fixture.gateway.device(at: client.ip) == client.mac)
            #expect(try await fixture.gateway.device(at: nobody) == nil)
        }
        let asked = fixture.router.counts.filter { $0.key.contains("ip/hotspot/host") }.values.reduce(0, +)
        #expect(asked < 20, "fewer calls than look-ups")
    }

    @Test func `concurrent look-ups share reads, and too many are refused at once`() async throws {
        let reads = Reads()
        let lookUps = DeviceLookUps { addresses throws(GatewayError) in
            reads.all.withLock { $0.append(addresses) }
            if reads.all.withLock(\.count) == 1 {
                await withCheckedContinuation { continuation in reads.gate.withLock { $0 = continuation } }
            }
            return [:]
        }
        let answers = await withTaskGroup(of: GatewayError?.self) { group in
            for number in 0..<500 {
                group.addTask {
                    do {
                        _ = try await lookUps.device(at: .v4(UInt32(number % 250)))
                        return nil
                    } catch { return error as? GatewayError }
                }
            }
            var refused = 0
            // One address or a batch is being read and 64 wait. All others are refused before the read ends.
            for await error in group {
                if error?.reason == "router_busy" { refused += 1 }
                guard refused == 2 * (250 - 64 - 32) else { continue }
                var isOpen = false
                while !isOpen {
                    let first = reads.gate.withLock { gate in
                        defer { gate = nil }
                        return gate
                    }
                    first?.resume()
                    isOpen = first != nil
                    try? await Task.sleep(for: .milliseconds(5))
                }
            }
            return refused
        }
        #expect((2 * (250 - 64 - 32)...2 * (250 - 64)).contains(answers))
        #expect(reads.all.withLock { $0.allSatisfy { $0.count <= 32 && Set($0).count == $0.count } })
        #expect(reads.all.withLock(\.count) <= 10)
    }

    @Test func `a failure is cached too`() async throws {
        let reads = Reads()
        let lookUps = DeviceLookUps { addresses throws(GatewayError) in
            reads.all.withLock { $0.append(addresses) }
            throw .unreachable("no answer in time")
        }
        for _ in 0..<10 {
            await #expect(throws: GatewayError.unreachable("no answer in time")) {
                try await lookUps.device(at: .v4(1))
            }
        }
        #expect(reads.all.withLock(\.count) < 10)
    }
}

/// The reads, a gate for the first read, and the number of finished calls.
private final class Reads: Sendable {
    let all = Mutex<[[IPAddress]]>([])
    let count = Mutex(0)
    let gate = Mutex<CheckedContinuation<Void, Never>?>(nil)
}
