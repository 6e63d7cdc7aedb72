import Captive
import Foundation
import NetworkAddress
import Testing

@testable import Gateways

struct NftRulesetTests {
    private let ruleset = NftRuleset(siteID: UUID(uuid: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)))
    private let table = "inet portico_0102030405060708090a0b0c0d0e0f10"

    private func network(_ interfaces: [String] = ["wlan0"], listener: String = "0.0.0.0") throws -> NftNetwork {
        NftNetwork(
            interfaces: interfaces, subnets: [try #require(Subnet("10.5.50.0/24"))],
            listener: .init(ip: try #require(IPAddress(listener)), port: 8_080))
    }

    @Test func `every line refers to the site's table only`() throws {
        let garden = ruleset.garden([WalledGardenRule(.host("a.example"))], present: ["name4_b.example"])
        let device = try #require(MACAddress("02:00:00:00:00:01"))
        let text =
            ruleset.base(for: try network()) + garden + ruleset.put(device, in: .guests, for: 60)
            + ruleset.addAddresses([.v4(1)], of: "a.example", for: 900)
        for line in text.split(separator: "\n") { #expect(line.contains(" \(table)"), "\(line)") }
    }

    @Test func `port 80 is redirected to the listener, at its address if it has one`() throws {
        #expect(ruleset.base(for: try network()).contains("redirect to :8080"))
        #expect(ruleset.base(for: try network(listener: "10.5.50.1")).contains("dnat ip to 10.5.50.1:8080"))
    }

    @Test func `every packet of a guest is checked, also in established connections`()
        throws
    {
        let text = ruleset.base(for: try network())
        #expect(!text.contains("ct state established accept"))
        #expect(text.contains("from_guests ether saddr @guests goto passed"))
    }

    @Test func `a renewal replaces the old session in the same transaction`() throws {
        let device = try #require(MACAddress("02:00:00:00:00:01"))
        #expect(
            ruleset.put(device, in: .guests, for: 1_200) == """
                add element \(table) guests { 02:00:00:00:00:01 }
                delete element \(table) guests { 02:00:00:00:00:01 }
                add element \(table) guests { 02:00:00:00:00:01 timeout 1200s }

                """)
    }

    @Test func `another network has another fingerprint, the same network the same`() throws {
        let one = ruleset.fingerprint(of: try network())
        #expect(one == ruleset.fingerprint(of: try network()))
        #expect(one != ruleset.fingerprint(of: try network(["wlan1"])))
        #expect(one != ruleset.fingerprint(of: try network(listener: "10.5.50.1")))
    }

    @Test func `the walled garden has a rule for each address block and two for each name`() throws {
        let block = try #require(Subnet("192.0.2.0/24"))
        let text = ruleset.garden(
            [
                WalledGardenRule(.subnet(block), port: 443), WalledGardenRule(.host("Login.Example")),
                WalledGardenRule(.host("*.example")),
            ], present: ["guests", "name4_login.example", "below6_old.example"])
        #expect(text.contains("garden ip daddr 192.0.2.0/24 tcp dport 443 goto passed"))
        #expect(text.contains("garden ip daddr @name4_login.example goto passed"))
        #expect(text.contains("garden ip6 daddr @below6_example goto passed"))
        #expect(
            text.hasSuffix("delete set \(table) below6_old.example\n"), "only the sets of removed names are deleted")
    }

    @Test func `a name too long for a set is left out`() {
        let long = String(repeating: "a", count: 60) + "." + String(repeating: "b.", count: 90) + "example"
        #expect(!ruleset.garden([WalledGardenRule(.host(long))], present: []).contains("bbb.b"))
        #expect(!ruleset.garden([WalledGardenRule(.host(long))], present: []).contains("add rule"))
    }

    @Test func `a wildcard matches the names below it and not the name itself`() {
        let hosts: Set = ["a.example", "*.a.example", "*.other.example"]
        #expect(WalledGardenNames.hosts(hosts, covering: "a.example") == ["a.example"])
        #expect(WalledGardenNames.hosts(hosts, covering: "x.y.a.example") == ["*.a.example"])
        #expect(WalledGardenNames.hosts(hosts, covering: "nota.example").isEmpty)
    }
}
