import Captive
import Crypto
import CryptoExtras
import Foundation
import NetworkAddress
import Synchronization
import Testing

@testable import Gateways

/// openNDS on another machine, simulated by requests of its authmon.
struct RemoteOpenNDSTests {
    private final class Clock: Sendable {
        let time = Mutex(Date(timeIntervalSince1970: 1_800_000_000))
        func pass(_ seconds: Double) { time.withLock { $0 += seconds } }
        @Sendable func now() -> Date { time.withLock { $0 } }
    }

    /// How often the running sessions were read.
    private final class Reads: Sendable {
        let count = Mutex(0)
    }

    private let clock = Clock()
    private let reads = Reads()
    private let client: GatewayClient

    init() throws {
        client = GatewayClient(
            mac: try #require(MACAddress("02:00:00:00:00:0a")), ip: try #require(IPAddress("10.99.0.143")))
    }

    /// Waits end at once.
    private func gateway(running: [GatewayEntry] = [], garden: [WalledGardenRule] = []) -> RemoteOpenNDS {
        let context = GatewayContext(
            guestSubnets: { _ in [] },
            runningGuests: { [reads] _ in
                reads.count.withLock { $0 += 1 }
                return running
            }, walledGarden: { _ in garden })
        return RemoteOpenNDS(
            siteID: UUID(), key: Secret("0123456789abcdef"), context: context, now: clock.now, sleep: { _ in }
        )
    }

    private func ask(_ gateway: RemoteOpenNDS, _ wanted: String, _ payload: String = "none") async -> String? {
        let fields = ["auth_get": wanted, "payload": Data(payload.utf8).base64EncodedString()]
        return await gateway.pollResponse(to: { fields[$0] })
    }

    /// The parameters of an intercepted guest; encrypted at levels 2 and 3.
    private func query(_ gateway: RemoteOpenNDS, hid: Int = 15, isSealed: Bool = false) throws -> FASQuery {
        let told =
            "hid=" + String(repeating: String(format: "%02x", hid), count: 32)
            + ", clientip=10.99.0.143, clientmac=02:00:00:00:00:0a, gatewayaddress=10.99.0.1:2050"
        guard isSealed else { return try FASQuery(Data(told.utf8).base64EncodedString(), cipher: gateway.cipher) }
        let (key, iv) = (Array("0123456789abcdef".utf8) + [UInt8](repeating: 0, count: 16), "00112233445566ff")
        let sealed = try AES._CBC.encrypt(
            Data(told.utf8), using: SymmetricKey(data: key), iv: AES._CBC.IV(ivBytes: iv.utf8))
        let text = Data(sealed.base64EncodedString().utf8).base64EncodedString()
        return try FASQuery(text, iv: iv, cipher: gateway.cipher)
    }

    private func reason(_ gateway: RemoteOpenNDS) async -> String? {
        do throws(GatewayError) {
            try await gateway.authorize(client, for: 1_200)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test func `a guest is authorized once openNDS reports it`() async throws {
        let gateway = gateway()
        #expect(await reason(gateway) == "router_busy", "authmon has not polled")
        #expect(await ask(gateway, "view")?.hasPrefix("* 02:00:00:00:00:0a%2020%20") == true)
        #expect(await reason(gateway) == "router_busy", "requested again")
        _ = await ask(gateway, "view")
        #expect(await ask(gateway, "view", "* 02:00:00:00:00:0a") == "ack")
        try await gateway.authorize(client, for: 1_200)
    }

    @Test func `the wait for a guest ends with the report of openNDS`() async throws {
        let context = GatewayContext(guestSubnets: { _ in [] }, runningGuests: { _ in [] })
        let gateway = RemoteOpenNDS(
            siteID: UUID(), key: Secret("k"), context: context, now: clock.now,
            sleep: { _ in try await Task.sleep(for: .seconds(3_600)) })
        async let done: Void = gateway.authorize(client, for: 1_200)
        // A report before the offer is ignored.
        _ = await ask(gateway, "view", "* 02:00:00:00:00:0a")
        while await ask(gateway, "view") == "*" { await Task.yield() }
        _ = await ask(gateway, "view", "* 02:00:00:00:00:0a")
        try await done
    }

    @Test func `a guest that was offered and not reported is not at the gateway`() async throws {
        let asking = Mutex<RemoteOpenNDS?>(nil)
        let context = GatewayContext(guestSubnets: { _ in [] }, runningGuests: { _ in [] })
        let gateway = RemoteOpenNDS(
            siteID: UUID(), key: Secret("k"), context: context, now: clock.now,
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

    @Test func `a guest is authorized through the redirect of its browser`() async throws {
        let gateway = gateway()
        let query = try query(gateway)
        let urls = gateway.authURLs(for: query, isSecure: false)
        #expect(
            urls.authenticate
                == "http://10.99.0.1:2050/opennds_auth/?tok=\(gateway.cipher.token(for: query.hid))&redir=")
        #expect(urls.deauthenticate == "http://10.99.0.1:2050/opennds_deny/")
        #expect(gateway.authURLs(for: query, isSecure: true).authenticate == nil, "authmon polls")
        #expect(await reason(gateway) != nil)
        gateway.expect(client)
        #expect(await reason(gateway) == nil)
        clock.pass(601)
        #expect(await reason(gateway) != nil)
    }

    @Test func `an authorized guest cannot be disconnected, and the error says so`() async throws {
        let gateway = gateway()
        _ = await reason(gateway)
        _ = await ask(gateway, "view")
        _ = await ask(gateway, "view", "* 02:00:00:00:00:0a")
        let error = await #expect(throws: GatewayError.self) { try await gateway.revoke(client) }
        #expect(error?.reason == "router_refused")
        #expect(!gateway.hasIntercepted(client))
        try gateway.recordIntercept(query(gateway), isSecure: true)
        #expect(gateway.hasIntercepted(client), "it is already offline")
        #expect(await reason(gateway) == "router_busy", "and has to be authorized again")
        #expect(!gateway.hasIntercepted(client))
    }

    @Test func `sessions continue after a restart of openNDS`() async throws {
        let gateway = gateway(running: [GatewayEntry(mac: client.mac, ip: client.ip, secondsLeft: 90)])
        #expect(await ask(gateway, "clear") == "ack")
        #expect(await ask(gateway, "view")?.hasPrefix("* 02:00:00:00:00:0a%202%20") == true)
        #expect(try await gateway.list().map(\.mac) == [client.mac])
        clock.pass(40)
        #expect(await gateway.health().uptime == 40)
    }

    @Test func `the running sessions are read at an interval, regardless of requests`() async throws {
        let gateway = gateway(running: [GatewayEntry(mac: client.mac, ip: client.ip, secondsLeft: 900)])
        for _ in 1...100 {
            #expect(await ask(gateway, "view")?.contains("02:00:00:00:00:0a") == true)
            _ = await ask(gateway, "view", "* 02:00:00:00:00:0a")
            _ = await ask(gateway, "clear")
        }
        #expect(reads.count.withLock { $0 } == 2, "once, and once for the first reported start")
        for _ in 1...60 {
            clock.pass(1)
            _ = await ask(gateway, "clear")
            _ = await ask(gateway, "view")
        }
        #expect(reads.count.withLock { $0 } <= 7)
        #expect(await gateway.health().uptime ?? 60 < 60, "a reported start is accepted again after a minute")
    }

    @Test func `a reported guest is still offered, and waits again after an intercept`() async throws {
        let gateway = gateway(running: [GatewayEntry(mac: client.mac, ip: client.ip, secondsLeft: 1_200)])
        _ = await reason(gateway)
        for _ in 1...600 {
            #expect(await ask(gateway, "list")?.contains("02:00:00:00:00:0a") == true)
            _ = await ask(gateway, "view", "* 02:00:00:00:00:0a")
            clock.pass(1)
        }
        #expect(await reason(gateway) == nil, "reported")
        try gateway.recordIntercept(query(gateway, isSealed: true), isSecure: true)
        #expect(await reason(gateway) != nil, "the encrypted intercept proves that the guest is not authorized")
    }

    @Test func `unencrypted parameters from a gateway that encrypts are refused`() async throws {
        let gateway = gateway()
        try gateway.recordIntercept(query(gateway), isSecure: false)
        try gateway.recordIntercept(query(gateway, isSealed: true), isSecure: true)
        for isSecure in [true, false] {
            let error = #expect(throws: GatewayError.self) {
                try gateway.recordIntercept(query(gateway), isSecure: isSecure)
            }
            #expect(error?.reason == "router_refused" && error?.explanation.contains("fas_secure_enabled") == true)
        }
        try gateway.recordIntercept(query(gateway, isSealed: true), isSecure: true)
    }

    @Test func `a session gets three authentication URLs in an hour, each any number of times`() throws {
        let (gateway, session) = (gateway(), UUID())
        let urls = try (1...4).map {
            try #require(gateway.authURLs(for: query(gateway, hid: $0), isSecure: false).authenticate)
        }
        for url in urls.prefix(3) {
            for _ in 1...3 { #expect(gateway.wait(before: url, of: session) == nil) }
            clock.pass(600)
        }
        #expect(gateway.wait(before: urls[3], of: session) == 1_800)
        #expect(gateway.wait(before: urls[3], of: UUID()) == nil, "another session")
        #expect(gateway.wait(before: urls[0], of: session) == nil, "the same device")
        clock.pass(1_800)
        #expect(gateway.wait(before: urls[3], of: session) == nil)
    }

    @Test func `health reports the limitation of a level`() async throws {
        let gateway = gateway()
        #expect(await gateway.health().warnings == [])
        for (isSealed, isSecure, level) in [(false, false, "1"), (false, true, "4"), (true, false, "2")] {
            try gateway.recordIntercept(query(gateway, isSealed: isSealed), isSecure: isSecure)
            let warning = try #require(await gateway.health().warnings.first)
            #expect(warning.summary.contains("fas_secure_enabled \(level)") && warning.remedy.contains("enabled 3"))
        }
        try gateway.recordIntercept(query(gateway, isSealed: true), isSecure: true)
        #expect(await gateway.health().warnings == [])
    }

    @Test func `health reports a gateway that stops polling`() async throws {
        let gateway = gateway()
        #expect(await gateway.health().problem == nil)
        _ = await ask(gateway, "view")
        clock.pass(91)
        let problem = await gateway.health().problem
        #expect(problem?.reason == "router_unreachable" && problem?.explanation.contains("91 s") == true)
        #expect(await ask(gateway, "deauthed", "method=idle_deauth, clientmac=02:00:00:00:00:0a") == "ack")
        #expect(await gateway.health().problem == nil)
    }

    @Test func `other requests have no response`() async {
        let gateway = gateway()
        #expect(await gateway.pollResponse(to: { $0 == "code" ? "x" : nil }) == nil)
        #expect(!gateway.hasCalled)
        #expect(await ask(gateway, "view", String(repeating: "* 02:00:00:00:00:0a ", count: 10_000)) == "ack")
    }

    @Test func `the walled garden cannot be set, and the error lists the required names`() async throws {
        let portal = WalledGardenRule(.host("portal.test"), port: 443)
        try await gateway().apply([portal])
        #expect(try await gateway(garden: [portal]).walledGarden() == [portal])
        let rules = [portal, WalledGardenRule(.host("login.test")), WalledGardenRule(.host("b.test"))]
        let error = await #expect(throws: GatewayError.self) { try await gateway().apply(rules) }
        #expect(error?.explanation.contains("walledgarden_fqdn_list: b.test login.test") == true)
        let untold = await #expect(throws: GatewayError.self) { try await gateway(garden: rules).walledGarden() }
        #expect(untold == error)
    }
}
