import Captive
import Foundation
import NetworkAddress
import Testing

@Suite struct SubnetIndexTests {
    let hotel = UUID()
    let stadium = UUID()
    let lobby = UUID()
    let suites = UUID()
    let stands = UUID()

    func claim(_ site: UUID, _ subnet: String, _ instance: UUID) throws -> SubnetClaim {
        SubnetClaim(siteID: site, subnet: try #require(Subnet(subnet)), instanceID: instance)
    }

    func index() throws -> SubnetIndex {
        SubnetIndex([
            try claim(hotel, "10.0.0.0/8", lobby), try claim(hotel, "10.5.50.0/24", suites),
            try claim(stadium, "192.168.0.0/16", stands), try claim(stadium, "10.9.0.0/16", stands),
        ])
    }

    @Test func `the longest prefix at the site wins`() throws {
        let index = try index()
        #expect(index.claim(at: hotel, try #require(IPAddress("10.5.50.7")))?.instanceID == suites)
        #expect(index.claim(at: hotel, try #require(IPAddress("10.5.51.7")))?.instanceID == lobby)
        #expect(index.claim(at: stadium, try #require(IPAddress("10.5.51.7"))) == nil)
        #expect(index.claim(at: UUID(), try #require(IPAddress("10.5.51.7"))) == nil)
    }

    @Test func `an address identifies its site unless another site uses it too`() throws {
        let index = try index()
        #expect(index.onlyClaim(try #require(IPAddress("10.5.50.7")))?.instanceID == suites)
        #expect(index.onlyClaim(try #require(IPAddress("192.168.4.4")))?.siteID == stadium)
        #expect(index.onlyClaim(try #require(IPAddress("10.9.0.1"))) == nil)
        #expect(index.onlyClaim(try #require(IPAddress("172.16.0.1"))) == nil)
    }

    @Test func `subnets of another workspace do not affect the look-up by address`() throws {
        let address = try #require(IPAddress("10.5.50.7"))
        let tenant = try #require(Workspace(rawValue: "tenant"))
        var foreign = try ["0.0.0.0/1", "10.5.50.0/24", "10.5.50.7/32"].map { try claim(stadium, $0, stands) }
        for index in foreign.indices { foreign[index].workspace = tenant }
        let own = try claim(hotel, "10.5.50.0/24", lobby)
        let index = SubnetIndex([own] + foreign)
        #expect(index.onlyClaim(address) == own)
        #expect(index.onlyClaim(try #require(IPAddress("10.9.0.1"))) == nil)
        #expect(index.claim(at: stadium, address)?.instanceID == stands, "where the site is named")
        #expect(SubnetIndex([own] + foreign, direct: [.default, tenant]).onlyClaim(address) == nil)
    }

    @Test func `two sites with the same subnet are ambiguous by address`() throws {
        let index = SubnetIndex([try claim(hotel, "10.5.50.0/24", lobby), try claim(stadium, "10.5.50.0/24", stands)])
        #expect(index.onlyClaim(try #require(IPAddress("10.5.50.7"))) == nil)
        #expect(index.claim(at: stadium, try #require(IPAddress("10.5.50.7")))?.instanceID == stands)
    }
}
