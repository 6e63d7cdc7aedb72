import NetworkAddress
import Testing

@Suite struct LocalAddressTests {
    @Test(arguments: [
        "0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.255.255", "169.254.169.254", "224.0.0.1", "255.255.255.255",
        "100.100.100.200", "192.0.0.192", "168.63.129.16", "::", "::1", "fe80::1", "febf::1", "ff02::1",
        "fd00:ec2::254", "fd20:ce::254", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
        "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1", "64:ff9b:1:2:3:4:a9fe:a9fe", "2002:7f00:1::1",
    ])
    func `loopback, link-local, multicast and metadata addresses are refused as routers`(_ address: String) throws {
        #expect(try #require(IPAddress(address)).isLocalOrMetadata)
    }

    @Test(arguments: [
        "192.168.88.1", "10.0.0.1", "172.16.0.1", "100.64.0.1", "203.0.113.9", "8.8.8.8", "fd00:ec2::255",
        "2001:db8::1", "::ffff:192.168.88.1", "64:ff9b::c0a8:5801", "2002:c0a8:5801::1",
    ])
    func `private and public addresses are allowed as routers`(_ address: String) throws {
        #expect(try !#require(IPAddress(address)).isLocalOrMetadata)
    }
}
