import Captive
import Foundation
import NetworkAddress
import Testing

@testable import Gateways

struct FASQueryTests {
    // As openNDS 9.10.0 sent it at level 1.
    private let recorded =
        "aGlkPTEyOWVhZTVjMDgyYTEyNWQyOTZkNzYxMzQ4MzA2MzNkNzU3ZTg3NDhlOTVmOWVmNTBlMDE5MjhkZWIxODFiYmYsIGNsaWVudGlwPTEwLjk5"
        + "LjAuMTQzLCBjbGllbnRtYWM9MDI6MDA6MDA6MDA6MDA6MGEsIGNsaWVudF90eXBlPWNwZF9jYW4sIGdhdGV3YXluYW1lPUhvdGVsJTIwTm9kZSUz"
        + "YTM2MTk0MzI1ODNhOCUyMCwgZ2F0ZXdheXVybD1odHRwJTNhJTJmJTJmc3RhdHVzLmNsaWVudCwgdmVyc2lvbj05LjEwLjAsIGdhdGV3YXlhZGRy"
        + "ZXNzPTEwLjk5LjAuMToyMDUwLCBnYXRld2F5bWFjPTM2MTk0MzI1ODNhOCwgb3JpZ2ludXJsPWh0dHAlM2ElMmYlMmZzb21lLXNpdGUudGVzdCUy"
        + "ZiwgY2xpZW50aWY9Z3Vlc3RzMCwgdGhlbWVzcGVjPShudWxsKSwgKG51bGwpKG51bGwpKG51bGwpKG51bGwp"

    @Test func `a guest is read from what openNDS sends`() throws {
        let query = try FASQuery(recorded)
        #expect(query.hid == "129eae5c082a125d296d76134830633d757e8748e95f9ef50e01928deb181bbf")
        #expect(query.client.mac == MACAddress("02:00:00:00:00:0a"))
        #expect(query.client.ip == IPAddress("10.99.0.143"))
        #expect(query.origin == "http://some-site.test/")
    }

    @Test func `an absent destination is none, and plus signs survive an address line`() throws {
        let text = Self.hid + ", clientip=10.0.0.2, clientmac=02:00:00:00:00:0b, originurl=(null), themespec=>>>???"
        let encoded = Data(text.utf8).base64EncodedString()
        #expect(encoded.contains("+") || encoded.contains("/"))
        #expect(try FASQuery(encoded).origin == nil)
        #expect(try FASQuery(encoded.replacing("+", with: " ").replacing("=", with: "")) == FASQuery(encoded))
    }

    @Test func `a destination cannot replace the device`() throws {
        let text =
            Self.hid + ", clientip=10.0.0.2, clientmac=02:00:00:00:00:0b, originurl=http://x.test/?a, "
            + "clientmac=02:00:00:00:00:0c, clientip=10.0.0.3"
        let query = try FASQuery(Data(text.utf8).base64EncodedString())
        #expect(query.client.mac == MACAddress("02:00:00:00:00:0b") && query.client.ip == IPAddress("10.0.0.2"))
    }

    @Test(arguments: [
        "", "%%%", "clientip=10.0.0.2, clientmac=02:00:00:00:00:0b", hid, hid + ", clientip=10.0.0.2",
        hid + ", clientip=10.0.0.2, clientmac=02:00:00:00:00",
        hid + ", clientip=10.0.0.256, clientmac=02:00:00:00:00:0b",
        "hid=ab, clientip=10.0.0.2, clientmac=02:00:00:00:00:0b",
        "hid=(null), clientip=10.0.0.2, clientmac=02:00:00:00:00:0b",
    ])
    func `what openNDS cannot have written is refused without repeating it`(_ text: String) {
        for fas in [text, Data(text.utf8).base64EncodedString(), recorded + "*"] {
            let error = #expect(throws: GatewayError.self) { try FASQuery(fas) }
            #expect(error?.reason == "router_refused")
            #expect(error?.explanation.contains("10.0.0") == false)
        }
    }

    @Test func `a text without end is refused`() {
        #expect(throws: GatewayError.self) { try FASQuery(String(repeating: "QUJD", count: 10_000)) }
    }

    @Test func `a field that is encrypted is refused with the level to set`() {
        let noise = Data((0..<320).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ 13) }).base64EncodedString()
        let error = #expect(throws: GatewayError.self) { try FASQuery(noise) }
        #expect(error?.explanation.contains("fas_secure_enabled") == true)
    }

    private static let hid = "hid=" + String(repeating: "0f", count: 32)
}
