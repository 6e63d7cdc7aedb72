import Captive
import Foundation
import NetworkAddress
import Testing

@testable import Gateways

struct FASQueryTests {
    private let cipher = FASCipher(key: Secret("0123456789abcdef"))

    private func query(_ fas: String, iv: String? = nil) throws -> FASQuery {
        try FASQuery(fas, iv: iv, cipher: cipher)
    }

    // Recorded from openNDS 9.10.0 at level 1.
    private let recorded =
        "aGlkPTEyOWVhZTVjMDgyYTEyNWQyOTZkNzYxMzQ4MzA2MzNkNzU3ZTg3NDhlOTVmOWVmNTBlMDE5MjhkZWIxODFiYmYsIGNsaWVudGlwPTEwLjk5"
        + "LjAuMTQzLCBjbGllbnRtYWM9MDI6MDA6MDA6MDA6MDA6MGEsIGNsaWVudF90eXBlPWNwZF9jYW4sIGdhdGV3YXluYW1lPUhvdGVsJTIwTm9kZSUz"
        + "YTM2MTk0MzI1ODNhOCUyMCwgZ2F0ZXdheXVybD1odHRwJTNhJTJmJTJmc3RhdHVzLmNsaWVudCwgdmVyc2lvbj05LjEwLjAsIGdhdGV3YXlhZGRy"
        + "ZXNzPTEwLjk5LjAuMToyMDUwLCBnYXRld2F5bWFjPTM2MTk0MzI1ODNhOCwgb3JpZ2ludXJsPWh0dHAlM2ElMmYlMmZzb21lLXNpdGUudGVzdCUy"
        + "ZiwgY2xpZW50aWY9Z3Vlc3RzMCwgdGhlbWVzcGVjPShudWxsKSwgKG51bGwpKG51bGwpKG51bGwpKG51bGwp"

    @Test func `a guest is read from what openNDS sends`() throws {
        let query = try query(recorded)
        #expect(query.hid == "129eae5c082a125d296d76134830633d757e8748e95f9ef50e01928deb181bbf")
        #expect(query.client.mac == MACAddress("02:00:00:00:00:0a"))
        #expect(query.client.ip == IPAddress("10.99.0.143"))
        #expect(query.origin == "http://some-site.test/")
        #expect(query.gateway == "10.99.0.1:2050")
    }

    // Recorded from openNDS 9.10.0 at level 3, with the key 0123456789abcdef.
    private let encrypted =
        "S0czeEM2ZisydUxlZXVtNVVLSE5BN2FaUzR4djcwdkRtWjAxN01weldMUG9PTWdJODFpTEYxOWV5cld2NUtOYmtnZkFRSDBiWUd3aFJOQ2dsSkNX"
        + "T01WSXFld213V3dsRGJOa2t3YW5RbzhrVEJtUVFML2ZrbWE5a0tuVUd2SVE4L0ZxTkF4bDFrdWRPcmU0YXk5eUxDM09pNlFGNDRqWTVHMHlzNzQy"
        + "a2E1YjBsd0o2cFIxa3pGQm9sdUVYWEdvK0RVL0twMzlzd1BiL3NIdUhkTHZ1UDhNMTVTTGozYVc3bXc1TnhhaXAxRm56MkxJS1hxZXR5TnR2SVJ4"
        + "bzF0U1NMd0NZWmMvUXVXd1MvRlBNQXhBSUR0KysyMkNFeXZDM3d0WXNacmpoWURFRWlZeFFvMThDRGRBNGNLMis4K1B4VmhWNGR1UUFWNVhxa2Vw"
        + "ZFhGUEdOWWxmakNzQXp5K0VDL2JnMytHZ1dWWXZWT3lmdWcyK1pLSVpwSE1FWXdETGZEMms4dnBmM3NmQXNKMzJoZEdTRFBLekw2WkYrWjE1d1Bo"
        + "S1VSS0g1bmhjbVZ6TDRkRzBUaHZybTZubDl0N3hDT3JIMEs3RUNMQjZBaTh1SHNBTmRWcW1GQVBTSWhqRmRlaVJxR2ZiYkJUSm93Zk50Q2MyOEZG"
        + "YlkxK1J3V3prOG9QOGY3V1FVaTkyNTF6ZEVkQ3M4NU5lZnZIZ1ZoSnNwMi9GOHViTGFFQlhMaGpSWGhaRmRldWdKNFRwZXJ6"

    @Test func `a guest is read from what openNDS encrypts`() throws {
        let query = try query(encrypted, iv: "ab33f416f663ad7d")
        #expect(query.client.mac == MACAddress("02:00:00:00:00:0a") && query.client.ip == IPAddress("10.99.0.143"))
        #expect(query.gateway == "10.99.0.1:2050" && query.hid.utf8.count == 64)
    }

    @Test(arguments: ["", "ab33", "AB33F416F663AD7DAB33F416F663AD7D", "0000000000000000"])
    func `a wrong key or vector is refused without details`(_ iv: String) {
        let other = FASCipher(key: Secret("fedcba9876543210"))
        let error = #expect(throws: GatewayError.self) {
            try FASQuery(encrypted, iv: "ab33f416f663ad7d", cipher: other)
        }
        #expect(error?.explanation.contains("faskey") == true)
        #expect(error?.explanation.contains("fedc") == false)
        // A wrong vector garbles only the first block, which contains the hid.
        #expect(throws: GatewayError.self) { try query(encrypted, iv: iv) }
    }

    @Test func `the token is the digest of hid and key`() {
        // printf '%s0123456789abcdef' HID | sha256sum
        let hid = "129eae5c082a125d296d76134830633d757e8748e95f9ef50e01928deb181bbf"
        #expect(cipher.token(for: hid) == "8074a126cbb20117d914f04f0cf3d01e7db77c21af5ddf1b083e1760c3e77fa5")
    }

    @Test(arguments: [
        "8.8.8.8:80", "evil.example:80", "10.0.0.1", "10.0.0.1:0", "10.0.0.1:80/x", "10.0.0.1:80:80", ":80",
    ])
    func `a gateway address outside private networks is ignored`(_ address: String) throws {
        let text = Self.hid + ", clientip=10.0.0.2, clientmac=02:00:00:00:00:0b, gatewayaddress=" + address
        #expect(try query(Data(text.utf8).base64EncodedString()).gateway == nil)
    }

    @Test func `a missing destination is nil, and plus signs are restored`() throws {
        let text = Self.hid + ", clientip=10.0.0.2, clientmac=02:00:00:00:00:0b, originurl=(null), themespec=>>>???"
        let encoded = Data(text.utf8).base64EncodedString()
        #expect(encoded.contains("+") || encoded.contains("/"))
        #expect(try query(encoded).origin == nil)
        #expect(try query(encoded.replacing("+", with: " ").replacing("=", with: "")) == query(encoded))
    }

    @Test func `a destination cannot replace the device`() throws {
        let text =
            Self.hid + ", clientip=10.0.0.2, clientmac=02:00:00:00:00:0b, originurl=http://x.test/?a, "
            + "clientmac=02:00:00:00:00:0c, clientip=10.0.0.3"
        let query = try query(Data(text.utf8).base64EncodedString())
        #expect(query.client.mac == MACAddress("02:00:00:00:00:0b") && query.client.ip == IPAddress("10.0.0.2"))
    }

    @Test(arguments: [
        "", "%%%", "clientip=10.0.0.2, clientmac=02:00:00:00:00:0b", hid, hid + ", clientip=10.0.0.2",
        hid + ", clientip=10.0.0.2, clientmac=02:00:00:00:00",
        hid + ", clientip=10.0.0.256, clientmac=02:00:00:00:00:0b",
        "hid=ab, clientip=10.0.0.2, clientmac=02:00:00:00:00:0b",
        "hid=(null), clientip=10.0.0.2, clientmac=02:00:00:00:00:0b",
    ])
    func `invalid input is refused without repeating it`(_ text: String) {
        for fas in [text, Data(text.utf8).base64EncodedString(), recorded + "*"] {
            let error = #expect(throws: GatewayError.self) { try query(fas) }
            #expect(error?.reason == "router_refused")
            #expect(error?.explanation.contains("10.0.0") == false)
        }
    }

    @Test func `a very long text is refused`() {
        #expect(throws: GatewayError.self) { try query(String(repeating: "QUJD", count: 10_000)) }
    }

    @Test func `an encrypted parameter without a vector is refused with the level to set`() {
        let noise = Data((0..<320).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ 13) }).base64EncodedString()
        let error = #expect(throws: GatewayError.self) { try query(noise) }
        #expect(error?.explanation.contains("fas_secure_enabled") == true)
    }

    private static let hid = "hid=" + String(repeating: "0f", count: 32)
}
