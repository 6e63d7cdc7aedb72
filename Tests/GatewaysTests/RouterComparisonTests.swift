import Captive
import Foundation
import NetworkAddress
import Testing

@testable import Gateways

@Suite struct RouterComparisonTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    private func client(_ number: UInt64) throws -> GatewayClient {
        GatewayClient(mac: try #require(MACAddress(rawValue: number)), ip: .v4(UInt32(number)))
    }

    private func session(_ client: GatewayClient, left: Double = 3_000, since: Double = 600) -> GuestSession {
        var session = GuestSession.make(client, at: UUID(), now: now, status: .active)
        session.authorizedAt = now - since
        session.expiresAt = now + left
        return session
    }

    @Test func `a session with the right time is kept, one with another time is sent again`() throws {
        let client = try client(1)
        let session = session(client)
        for (left, isMissing) in [(3_000, false), (2_941, false), (2_900, true), (3_100, true)] {
            let held = [GatewayEntry(mac: client.mac, ip: client.ip, secondsLeft: left)]
            let found = RouterComparison(held: held, sessions: [session], asked: now)
            #expect(found.missing == (isMissing ? [session] : []), "\(left)")
            #expect(found.unknownDevices.isEmpty)
        }
    }

    @Test func `a gateway that reports neither time nor address is trusted`() throws {
        let client = try client(1)
        let found = RouterComparison(
            held: [GatewayEntry(mac: client.mac)], sessions: [session(client)], asked: now)
        #expect(found == RouterComparison(held: [], sessions: [], asked: now))
    }

    @Test func `a session at its end or just confirmed is left as it is`() throws {
        let client = try client(1)
        for (session, isEarly) in [(session(client, left: 9), false), (session(client, since: 9), true)] {
            let found = RouterComparison(held: [], sessions: [session], asked: now)
            #expect(found.missing.isEmpty && found.isEarly == isEarly)
        }
    }

    @Test func `5,000 guests are compared in one pass`() throws {
        let clients = try (1...5_000).map { try client($0) }
        let held = clients.dropFirst().map { GatewayEntry(mac: $0.mac, ip: $0.ip, secondsLeft: 3_000) }
        let stranger = GatewayEntry(mac: try client(9_999).mac, isOnline: false)
        let sessions = clients.map { session($0) }
        let found = RouterComparison(held: held + [stranger], sessions: sessions, asked: now)
        #expect(found.missing == [sessions[0]] && found.unknownDevices == [stranger])
    }
}
