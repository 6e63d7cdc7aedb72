import Captive
import Foundation
import NetworkAddress
import Testing

@Suite struct WalledGardenTests {
    private let portal = WalledGardenRule(.host("portal.example"), port: 443)

    private func entry(_ destination: WalledGardenRule.Destination) -> WalledGardenEntry {
        WalledGardenEntry(id: UUID(), siteID: UUID(), name: "x", destination: destination, kind: nil, createdAt: Date())
    }

    @Test func `a walled garden contains the portal, the providers' hosts and the entries with their reasons`() throws {
        let entry = entry(.subnet(try #require(Subnet("203.0.113.0/24"))))
        let garden = WalledGarden(
            portal: portal, providers: [(.github, hosts: ["github.com", "192.0.2.7"])], entries: [entry])
        #expect(
            garden.items == [
                .init(rule: portal, reasons: [.portal]),
                .init(rule: WalledGardenRule(.host("github.com")), reasons: [.provider(.github)]),
                .init(
                    rule: WalledGardenRule(.subnet(try #require(Subnet("192.0.2.7/32")))), reasons: [.provider(.github)]
                ),
                .init(rule: WalledGardenRule(entry.destination), reasons: [.entry(entry.id)]),
            ])
    }

    @Test func `a rule with two reasons is listed once`() {
        let entry = entry(.host("github.com"))
        let garden = WalledGarden(portal: portal, providers: [(.github, hosts: ["github.com"])], entries: [entry])
        #expect(garden.items.map(\.reasons) == [[.portal], [.provider(.github), .entry(entry.id)]])
    }

    @Test func `probe hosts are never included, by name or by wildcard`() {
        let hosts = ["www.gstatic.com", "*.gstatic.com", "ssl.gstatic.com"]
        let garden = WalledGarden(
            portal: nil, providers: [(.google, hosts: hosts)], entries: [entry(.host("*.apple.com"))])
        #expect(garden.rules == [WalledGardenRule(.host("ssl.gstatic.com"))])
    }

    @Test func `IPv6 addresses are left out`() {
        let garden = WalledGarden(portal: nil, providers: [(.github, hosts: ["2001:db8::1"])], entries: [])
        #expect(garden.items.isEmpty)
    }

    @Test(
        arguments: [
            ("https://portal.example", "portal.example", 443), ("http://portal.example", "portal.example", 80),
            ("http://127.0.0.1:8080", "127.0.0.1/32", 8_080), ("https://Portal.Example:8443", "portal.example", 8_443),
        ] as [(String, String, UInt16)])
    func `the rule of an origin has its host and port`(origin: String, host: String, port: UInt16) throws {
        let rule = try #require(WalledGardenRule(origin: origin))
        #expect(rule.destination.text == host)
        #expect(rule.port == port)
    }

    @Test(arguments: ["captive.apple.com", "Captive.Apple.Com", "*.apple.com", "*.gstatic.com"])
    func `an entry for a probe host is refused and names the host`(name: String) throws {
        let objection = try #require(WalledGardenRule.Destination.host(name).objection)
        let probed = try #require(ProbeHosts.covered(by: .host(name)).first)
        #expect(objection.contains(probed))
    }

    @Test(arguments: ["0.0.0.0/0", "0.0.0.0/7"])
    func `an entry for a very large address block is refused`(block: String) throws {
        #expect(WalledGardenRule.Destination.subnet(try #require(Subnet(block))).objection != nil)
    }

    @Test(arguments: ["login.example.com", "*.apple.com.example", "10.0.0.0/8", "192.0.2.1", "pple.com"])
    func `other destinations are accepted`(text: String) throws {
        #expect(try #require(WalledGardenRule.Destination(text: text)).objection == nil)
    }

    @Test(
        arguments: [
            "", "com", "*", "*.", "*.com", ".example.com", "example..com", "example.com.", "a b.example", "-a.example",
            "a-.example", "a.*.example", "1.2.3.4.5", "1.2.3", "exämple.com", "a_b.example", "a.example:443",
            "https://a.example", String(repeating: "a", count: 64) + ".example",
            String(repeating: "abcdefg.", count: 32) + "example",
        ])
    func `an invalid host name is refused`(text: String) { #expect(HostName(text) == nil) }

    @Test(arguments: ["a.example", "*.example.com", "xn--bcher-kva.example", "1a.2b.example", "A.Example"])
    func `host names are converted to lower case`(text: String) { #expect(HostName(text)?.text == text.lowercased()) }

    @Test(arguments: ["203.0.113.0/24", "203.0.113.7/32", "a.example", "*.a.example"])
    func `a destination is parsed from its text`(text: String) {
        #expect(WalledGardenRule.Destination(text: text)?.text == text)
    }
}
