import Captive
import Foundation
import NetworkAddress
import Testing

@Suite struct NotificationTests {
    @Test(arguments: [
        "desk@example.org", "front.desk+wifi@mail.example.co.uk", "o'brien@example.org", "a@xn--bcher-kva.example",
    ])
    func `an address of the common form is taken as it is`(text: String) {
        #expect(EmailAddress(text)?.description == text)
    }

    @Test(arguments: [
        "", "desk", "@example.org", "desk@", "desk@localhost", "desk@@example.org", "a@b@example.org",
        "desk@example.org\r\nBcc: all@example.org", "desk@example.org\n", "<desk@example.org>", "a,b@example.org",
        "a b@example.org", "\"a\"@example.org", ".a@example.org", "a.@example.org", "a..b@example.org",
        "desk@-example.org", "desk@example-.org", "desk@.org", "desk@[127.0.0.1]", "dësk@example.org",
        "desk@büro.example", String(repeating: "a", count: 65) + "@example.org",
        "a@" + String(repeating: "a", count: 64) + ".org",
    ])
    func `an address that could not be written as it is, is none`(text: String) { #expect(EmailAddress(text) == nil) }

    @Test func `a group's id is printed as it is read`() throws {
        let id = NotificationGroup.ID()
        #expect(id.description.hasPrefix("ng_") && id.description.utf8.count == 35)
        #expect(NotificationGroup.ID(id.description) == id)
        #expect(NotificationGroup.ID("ng_" + id.description.dropFirst(3).uppercased()) == id)
    }

    @Test(arguments: [
        "", "ng_", "ng_a1b2c3d4e5f6", "00000000-0000-4000-8000-000000000000", "NG_00000000000040008000000000000000",
        "ng_0000000000004000800000000000000g", "ng_000000000000400080000000000000001",
        "ng_0000000-0000-4000-8000-00000000",
    ])
    func `what is no group's id names none`(text: String) { #expect(NotificationGroup.ID(text) == nil) }

    @Test(
        arguments: [
            ("https://hooks.example/x?y=%20z", nil, true), ("http://10.0.0.7:8080/", "10.0.0.7", false),
            ("HTTPS://hooks.example", nil, true), ("https://[2001:db8::1]/hook", "2001:db8::1", true),
            ("https://hooks.example?x", nil, true), ("https://hooks.example:65535/", nil, true),
        ] as [(String, String?, Bool)])
    func `a webhook's address tells its host`(text: String, address: String?, isSecure: Bool) throws {
        let url = try #require(WebhookURL(text))
        #expect(url.description == text && url.address?.description == address && url.isSecure == isSecure)
    }

    @Test(arguments: [
        "", "hooks.example", "ftp://hooks.example/", "https://", "https:///x", "https:hooks.example",
        "https://user@hooks.example/", "https://user:pass@hooks.example/", "https://hooks.example/#part",
        "https://hooks.example/a b", "https://hooks.example/\r\nHost: other", "https://hooks.example/\u{e9}",
        "file:///etc/passwd", "https://hooks.example:0/", "https://hooks.example:65536/", "https://hooks.example:/",
        "https://hooks..example/", "https://[hooks]/", "https://[::1/", "https://hooks.example\\@other/",
        "https://" + String(repeating: "a", count: 64) + ".example/",
        "https://hooks.example/" + String(repeating: "a", count: 2_000),
    ])
    func `what is no webhook's address is refused`(text: String) { #expect(WebhookURL(text) == nil) }
}
