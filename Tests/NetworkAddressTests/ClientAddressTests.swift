import NetworkAddress
import Testing

@Suite struct ClientAddressTests {
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:db8::1", "2001:db8::"),
        ("2001:db8:0:7:ffff:ffff:ffff:ffff", "2001:db8:0:7::"),
    ])
    func `an IPv6 address is counted as its /64`(_ address: String, _ counted: String) throws {
        #expect(try #require(IPAddress(address)).countedAs == IPAddress(counted))
    }
}
