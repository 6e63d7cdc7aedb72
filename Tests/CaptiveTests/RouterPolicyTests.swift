import Captive
import NetworkAddress
import Testing

@Suite struct RouterPolicyTests {
    @Test(arguments: [
        ("https://192.168.88.1", "192.168.88.1"), ("http://127.0.0.1:8080", "127.0.0.1"), ("api://[::1]:8728", "::1"),
        ("https://[fe80::1]", "fe80::1"), ("HTTPS://10.0.0.1/", "10.0.0.1"),
    ])
    func `an address in a url is found`(_ url: String, _ address: String) {
        #expect(RouterSettings(driver: .routerosREST, url: url).literalAddress == IPAddress(address))
    }

    @Test(arguments: ["https://router.example", "https://1.2.3.4.example:443", "", "https://"])
    func `a host name is not an IP address`(_ url: String) {
        #expect(RouterSettings(driver: .routerosREST, url: url).literalAddress == nil)
    }

    @Test func `only listed workspaces may use drivers of the portal's machine`() throws {
        let hotel = try #require(Workspace(rawValue: "hotel"))
        #expect(RouterPolicy().allows(.nftables, for: .default) && !RouterPolicy().allows(.nftables, for: hotel))
        #expect(RouterPolicy().allows(.opennds, for: hotel) && !RouterPolicy().isLocal(hotel))
        let policy = RouterPolicy(localWorkspaces: [hotel])
        #expect(policy.allows(.nftables, for: hotel) && !policy.allows(.nftables, for: .default))
    }
}
