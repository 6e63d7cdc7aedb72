import Captive
import Foundation
import NetworkAddress
import Testing

@testable import Gateways

struct NftListingTests {
    // Recorded from nft 1.0.6, shortened.
    private let printed = """
        {"nftables": [{"metainfo": {"version": "1.0.6", "release_name": "Lester Gooch #5", "json_schema_version": 1}},
        {"table": {"family": "inet", "name": "portico_x", "handle": 1}},
        {"set": {"family": "inet", "name": "guests", "table": "portico_x", "type": "ether_addr", "handle": 1,
         "flags": ["timeout"], "elem": [
          {"elem": {"val": "02:00:00:00:00:01", "timeout": 300, "expires": 299}},
          {"elem": {"val": "02:00:00:00:00:02", "timeout": 1200, "expires": 7}}]}},
        {"set": {"family": "inet", "name": "name4_login.example", "table": "portico_x", "type": "ipv4_addr", "handle": 4,
         "flags": ["timeout"], "elem": ["192.0.2.1"]}},
        {"chain": {"family": "inet", "table": "portico_x", "name": "garden", "handle": 6}},
        {"rule": {"family": "inet", "table": "portico_x", "chain": "passed", "handle": 21, "comment": "portico abc1",
         "expr": [{"accept": null}]}},
        {"rule": {"family": "inet", "table": "portico_x", "chain": "garden", "handle": 11, "expr": [
          {"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "daddr"}}, "right": "@name4_login.example"}},
          {"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 443}},
          {"goto": {"target": "passed"}}]}},
        {"rule": {"family": "inet", "table": "portico_x", "chain": "garden", "handle": 12, "expr": [
          {"match": {"op": "==", "left": {"payload": {"protocol": "ip6", "field": "daddr"}}, "right": "@name6_login.example"}},
          {"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 443}},
          {"goto": {"target": "passed"}}]}},
        {"rule": {"family": "inet", "table": "portico_x", "chain": "garden", "handle": 13, "expr": [
          {"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "daddr"}},
           "right": {"prefix": {"addr": "10.0.0.0", "len": 8}}}}, {"goto": {"target": "passed"}}]}},
        {"rule": {"family": "inet", "table": "portico_x", "chain": "garden", "handle": 14, "expr": [
          {"match": {"op": "==", "left": {"meta": {"key": "l4proto"}}, "right": "udp"}}, {"accept": null}]}}]}
        """

    private func listing() throws -> NftListing { try #require(NftListing(json: Array(printed.utf8))) }

    @Test func `guests are listed with their remaining seconds`() throws {
        let first = try #require(MACAddress("02:00:00:00:00:01"))
        let second = try #require(MACAddress("02:00:00:00:00:02"))
        #expect(try listing().guests == [first: 299, second: 7])
    }

    @Test func `the fingerprint is read, and rules outside the walled garden are counted`() throws {
        let listing = try listing()
        #expect(listing.fingerprint == "abc1")
        #expect(listing.ruleCount == 1)
        #expect(listing.version == "1.0.6")
    }

    @Test func `the walled garden is read as written, without rules of others`() throws {
        let block = try #require(Subnet("10.0.0.0/8"))
        #expect(
            try listing().garden == [
                WalledGardenRule(.host("login.example"), port: 443), WalledGardenRule(.subnet(block)),
            ])
        #expect(try listing().sets == ["guests", "name4_login.example"])
    }

    @Test(arguments: ["", "{}", "[]", #"{"nftables": 1}"#]) func `an invalid listing is refused`(_ text: String) {
        #expect(NftListing(json: Array(text.utf8)) == nil)
    }

    @Test func `an error of nft has a remedy`() {
        func fault(_ text: String, code: Int = 1) -> NftFault { NftFault(.init(code: code, output: [], error: text)) }
        #expect(fault("Operation not permitted (you must be root)") == .error(.misconfigured(NftFault.rights)))
        #expect(fault("Error: No such file or directory\nlist table") == .absent("Error: No such file or directory"))
        #expect(fault("", code: -110).gatewayError.mayPass, "a timeout is retried")
        #expect(!fault("Error: syntax error").gatewayError.mayPass)
    }
}
