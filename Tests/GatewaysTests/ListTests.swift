import Captive
import Foundation
import GatewaySimulator
import Testing

@Suite struct ListTests {
    @Test func `the list has active devices with their remaining time`() async throws {
        let fixture = try RouterFixture()
        let client = try fixture.joined()
        try await fixture.gateway.authorize(client, for: 3_600)
        fixture.clock.advance(600)
        #expect(try await fixture.gateway.list() == [GatewayEntry(mac: client.mac, ip: client.ip, secondsLeft: 3_000)])
    }

    @Test func `a user whose time is over is listed as offline`() async throws {
        let fixture = try RouterFixture()
        let client = try fixture.joined()
        try await fixture.gateway.authorize(client, for: 60)
        fixture.clock.advance(61)
        #expect(try await fixture.gateway.list() == [GatewayEntry(mac: client.mac, isOnline: false)])
        try await fixture.gateway.revoke(client)
        #expect(try await fixture.gateway.list().isEmpty)
    }

    @Test func `an entry authorizes a device at its address, or at any address if none is known`() throws {
        let fixture = try RouterFixture()
        let (client, moved) = (try fixture.device(1), try fixture.device(2).ip)
        #expect(GatewayEntry(mac: client.mac).letsThrough(client))
        #expect(GatewayEntry(mac: client.mac, ip: client.ip).letsThrough(client))
        #expect(!GatewayEntry(mac: client.mac, ip: moved).letsThrough(client))
        #expect(!GatewayEntry(mac: client.mac, isOnline: false).letsThrough(client))
    }
}
