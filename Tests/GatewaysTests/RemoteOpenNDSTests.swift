import Captive
import Foundation
import NetworkAddress
import Synchronization
import Testing

@testable import Gateways

/// openNDS elsewhere, played by the requests that its authmon makes.
struct RemoteOpenNDSTests {
    private final class Clock: Sendable {
        let time = Mutex(Date(timeIntervalSince1970: 1_800_000_000))
        func pass(_ seconds: Double) { time.withLock { $0 += seconds } }
        @Sendable func now() -> Date { time.withLock { $0 } }
    }

    private let clock = Clock()
    private let client: GatewayClient

    init() throws {
        client = GatewayClient(
            mac: try #require(MACAddress("02:00:00:00:00:0a")), ip: try #require(IPAddress("10.99.0.143")))
    }

    /// No wait takes time.
    private func gateway(running: [GatewayEntry] = []) -> RemoteOpenNDS {
        let surroundings = GatewaySurroundings(guestSubnets: { _ in [] }, runningGuests: { _ in running })
        return RemoteOpenNDS(
            siteID: UUID(), key: Secret("0123456789abcdef"), surroundings: surroundings, now: clock.now, sleep: { _ in }
        )
    }

    private func ask(_ gateway: RemoteOpenNDS, _ wanted: String, _ payload: String = "none") async -> String? {
        let fields = ["auth_get": wanted, "payload": Data(payload.utf8).base64EncodedString()]
        return await gateway.answer(to: { fields[$0] })
    }

    private func reason(_ gateway: RemoteOpenNDS) async -> String? {
        do throws(GatewayError) {
            try await gateway.authorize(client, for: 1_200)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test func `a guest is through once openNDS says so`() async throws {
        let gateway = gateway()
        #expect(await reason(gateway) == "router_busy", "nobody has asked")
        #expect(await ask(gateway, "view")?.hasPrefix("* 02:00:00:00:00:0a%2020%20") == true)
        #expect(await reason(gateway) == "router_busy", "asked for anew")
        _ = await ask(gateway, "view")
        #expect(await ask(gateway, "view", "* 02:00:00:00:00:0a") == "ack")
        try await gateway.authorize(client, for: 1_200)
    }

    @Test func `the wait for a guest ends when openNDS says so`() async throws {
        let surroundings = GatewaySurroundings(guestSubnets: { _ in [] }, runningGuests: { _ in [] })
        let gateway = RemoteOpenNDS(
            siteID: UUID(), key: Secret("k"), surroundings: surroundings, now: clock.now,
            sleep: { _ in try await Task.sleep(for: .seconds(3_600)) })
        async let done: Void = gateway.authorize(client, for: 1_200)
        // Before it was offered, that is not openNDS's word.
        _ = await ask(gateway, "view", "* 02:00:00:00:00:0a")
        while await ask(gateway, "view") == "*" { await Task.yield() }
        _ = await ask(gateway, "view", "* 02:00:00:00:00:0a")
        try await done
    }

    @Test func `a guest whom openNDS was offered and did not take is not there`() async throws {
        let asking = Mutex<RemoteOpenNDS?>(nil)
        let surroundings = GatewaySurroundings(guestSubnets: { _ in [] }, runningGuests: { _ in [] })
        let gateway = RemoteOpenNDS(
            siteID: UUID(), key: Secret("k"), surroundings: surroundings, now: clock.now,
            sleep: { _ in
                let gateway = asking.withLock { $0 }
                guard let gateway else { return }
                for told in ["none", "*"] { _ = await ask(gateway, "view", told) }
            })
        #expect(await reason(gateway) == "router_busy")
        asking.withLock { $0 = gateway }
        #expect(await reason(gateway) == "device_not_seen")
        asking.withLock { $0 = nil }
    }

    @Test func `a guest whose browser brings the word is let through at the door`() async throws {
        let gateway = gateway()
        let fas =
            "hid=" + String(repeating: "0f", count: 32)
            + ", clientip=10.99.0.143, clientmac=02:00:00:00:00:0a, gatewayaddress=10.99.0.1:2050"
        let query = try FASQuery(Data(fas.utf8).base64EncodedString(), cipher: gateway.cipher)
        let doors = gateway.doors(for: query, isSecure: false)
        #expect(
            doors.entrance == "http://10.99.0.1:2050/opennds_auth/?tok=\(gateway.cipher.pass(for: query.hid))&redir=")
        #expect(doors.exit == "http://10.99.0.1:2050/opennds_deny/")
        #expect(gateway.doors(for: query, isSecure: true).entrance == nil, "authmon asks")
        #expect(await reason(gateway) != nil)
        gateway.expect(client)
        #expect(await reason(gateway) == nil)
        clock.pass(601)
        #expect(await reason(gateway) != nil)
    }

    @Test func `a guest who is online cannot be cut off, and it says so`() async throws {
        let gateway = gateway()
        _ = await reason(gateway)
        _ = await ask(gateway, "view")
        _ = await ask(gateway, "view", "* 02:00:00:00:00:0a")
        let error = await #expect(throws: GatewayError.self) { try await gateway.revoke(client) }
        #expect(error?.reason == "router_refused")
        #expect(!gateway.hasCaught(client))
        gateway.catch(client)
        #expect(gateway.hasCaught(client), "it is off already")
        #expect(await reason(gateway) == "router_busy", "and has to be let through anew")
        #expect(!gateway.hasCaught(client))
    }

    @Test func `who was online when openNDS started goes on`() async throws {
        let gateway = gateway(running: [GatewayEntry(mac: client.mac, ip: client.ip, secondsLeft: 90)])
        #expect(await ask(gateway, "clear") == "ack")
        #expect(await ask(gateway, "view")?.hasPrefix("* 02:00:00:00:00:0a%202%20") == true)
        #expect(try await gateway.list().map(\.mac) == [client.mac])
        clock.pass(40)
        #expect(await gateway.health().uptime == 40)
    }

    @Test func `a gateway that asks no more is missed`() async throws {
        let gateway = gateway()
        #expect(await gateway.health().problem == nil)
        _ = await ask(gateway, "view")
        clock.pass(91)
        let problem = await gateway.health().problem
        #expect(problem?.reason == "router_unreachable" && problem?.explanation.contains("91 s") == true)
        #expect(await ask(gateway, "deauthed", "method=idle_deauth, clientmac=02:00:00:00:00:0a") == "ack")
        #expect(await gateway.health().problem == nil)
    }

    @Test func `what is none of openNDS's is not answered`() async {
        let gateway = gateway()
        #expect(await gateway.answer(to: { $0 == "code" ? "x" : nil }) == nil)
        #expect(!gateway.isHeardOf)
        #expect(await ask(gateway, "view", String(repeating: "* 02:00:00:00:00:0a ", count: 10_000)) == "ack")
    }

    @Test func `its walled garden is its own, and the names that it needs are told`() async throws {
        let gateway = gateway()
        try await gateway.apply([WalledGardenRule(.host("portal.test"), port: 443)])
        let error = await #expect(throws: GatewayError.self) {
            try await gateway.apply([WalledGardenRule(.host("login.test")), WalledGardenRule(.host("b.test"))])
        }
        #expect(error?.explanation.contains("b.test login.test") == true)
    }
}
