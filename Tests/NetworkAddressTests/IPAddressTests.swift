import NetworkAddress
import Testing

@Suite struct IPAddressTests {
    @Test(arguments: [
        "0.0.0.0", "10.5.50.2", "255.255.255.255", "::", "::1", "2001:db8::17", "1:2:3:4:5:6:7:8", "::ffff:10.0.0.1",
        "1::8", "2001:db8:0:1:1:1:1:1",
    ])
    func `a canonical address is formatted as it is parsed`(text: String) {
        #expect(IPAddress(text)?.description == text)
    }

    @Test(arguments: [
        "", "1.2.3", "1.2.3.4.5", "01.2.3.4", "256.1.1.1", "1.2.3.4 ", "1..2.3", ":", ":::", "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9", "1::2::3", "g::1", "12345::", "fe80::1%eth0", ":1:2:3:4:5:6:7", "+1.2.3.4", "::+1",
    ])
    func `any other text is refused`(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func `an IPv6 address is formatted according to RFC 5952`() {
        #expect(IPAddress("2001:0DB8:0000:0000:0001:0000:0000:0001")?.description == "2001:db8::1:0:0:1")
    }

    @Test func `an IPv4-mapped address is unmapped to its IPv4 address`() {
        #expect(IPAddress("::ffff:127.0.0.1")?.unmapped == .loopback)
        #expect(IPAddress("::ffff:127.0.0.1")?.isLoopback == true)
    }
}

@Suite struct SubnetTests {
    @Test func `host bits are cleared`() {
        #expect(Subnet("192.168.88.7/24")?.description == "192.168.88.0/24")
        #expect(Subnet("2001:db8::7/32")?.description == "2001:db8::/32")
        #expect(Subnet("10.0.0.1")?.description == "10.0.0.1/32")
    }

    @Test(arguments: [
        "192.168.88.0/33", "192.168.88.0/", "192.168.88.0/-1", "192.168.88/24", "10.0.0.0/8/8", "<string>", "::/129",
        "10.0.0.0/08",
    ])
    func `a malformed subnet is refused`(text: String) {
        #expect(Subnet(text) == nil)
    }

    @Test func `a subnet contains its addresses and none of the other family`() throws {
        let subnet = try #require(Subnet("10.5.50.0/24"))
        #expect(subnet.contains(try #require(IPAddress("10.5.50.255"))))
        #expect(!subnet.contains(try #require(IPAddress("10.5.51.0"))))
        #expect(!subnet.contains(try #require(IPAddress("::1"))))
        #expect(try #require(Subnet("0.0.0.0/0")).contains(try #require(IPAddress("255.255.255.255"))))
    }

    @Test func `overlap is symmetric`() throws {
        let wide = try #require(Subnet("10.0.0.0/8"))
        let narrow = try #require(Subnet("10.5.50.0/24"))
        let other = try #require(Subnet("10.5.51.0/24"))
        #expect(wide.overlaps(narrow) && narrow.overlaps(wide))
        #expect(!narrow.overlaps(other) && !other.overlaps(narrow))
    }
}

@Suite struct MACAddressTests {
    @Test(arguments: ["aa:bb:cc:dd:ee:01", "AA-BB-CC-DD-EE-01", "AABB.CCDD.EE01", "aabbccddee01"])
    func `all known forms are parsed`(text: String) {
        #expect(MACAddress(text)?.description == "AA:BB:CC:DD:EE:01")
    }

    @Test(arguments: [
        "", "AA:BB:CC:DD:EE", "AA:BB:CC:DD:EE:0G", "AA:BB:CC:DD:EE:01:02", "A:ABB:CC:DD:EE:01", "AA::BBCCDDEE01",
        "AA:BBCCDDEE01",
    ])
    func `any other text is refused`(text: String) {
        #expect(MACAddress(text) == nil)
    }
}
