import Captive
import Foundation
import HTTPServer
import NetworkAddress
import Testing

@testable import Pages

struct GuestPagesTests {
    @Test func `a page is in the guest's language, compressed if the browser accepts that`() throws {
        let (pages, instance) = (try Self.pages(), ShippedPages.instance())
        let german = try Self.request(["Accept-Language": "de-AT, en;q=0.5", "Accept-Encoding": "gzip, br"])
        let response = pages.response(.coupon(), of: instance, to: german)
        #expect(response.headers["Content-Language"] == "de")
        #expect(response.headers["Content-Encoding"] == "gzip")
        let plain = pages.response(.coupon(), of: instance, to: try Self.request([:]))
        #expect(plain.headers["Content-Language"] == "en")
        #expect(plain.headers["Content-Encoding"] == nil)
        #expect(Self.text(plain).contains("<h1>Connect to Wi-Fi</h1>"))
    }

    @Test func `a page is cached after its first request, for its own revision only`() throws {
        let (pages, request) = (try Self.pages(), try Self.request([:]))
        var instance = ShippedPages.instance("Old name")
        #expect(pages.responseInMemory(.coupon(), of: instance, isPreview: false, to: request) == nil)
        _ = pages.response(.coupon(), of: instance, to: request)
        #expect(pages.responseInMemory(.coupon(), of: instance, isPreview: false, to: request) != nil)
        #expect(pages.responseInMemory(.coupon(), of: instance, isPreview: true, to: request) == nil)
        (instance.name, instance.revision) = ("New name", 2)
        #expect(pages.responseInMemory(.coupon(), of: instance, isPreview: false, to: request) == nil)
        #expect(Self.text(pages.response(.coupon(), of: instance, to: request)).contains("New name"))
    }

    @Test func `a refusal has its status and a retry time`() throws {
        let (pages, instance, request) = (try Self.pages(), ShippedPages.instance(), try Self.request([:]))
        #expect(pages.response(.coupon(.wrong), of: instance, to: request).status.rawValue == 422)
        let tries = pages.response(.coupon(.tries(seconds: 42)), of: instance, to: request)
        #expect(tries.status.rawValue == 429)
        #expect(tries.headers["Retry-After"] == "42")
        #expect(pages.response(.problem(.linkExpired), to: request).status.rawValue == 400)
        #expect(pages.response(.problem(.network), to: request).status.rawValue == 404)
    }

    @Test func `a guest's own page is rendered each time and has its own content`() throws {
        let (pages, instance, request) = (try Self.pages(), ShippedPages.instance(), try Self.request([:]))
        for code in ["AAAAAA", "BBBBBB"] {
            let text = Self.text(pages.response(.coupon(code: code), of: instance, to: request))
            #expect(text.contains(#"value="\#(code)""#))
        }
        #expect(!Self.text(pages.response(.coupon(), of: instance, to: request)).contains("BBBBBB"))
        for page in ShippedPages.pages where !page.isShared {
            _ = pages.response(page, of: instance, to: request)
            #expect(pages.responseInMemory(page, of: instance, isPreview: false, to: request) == nil)
        }
        #expect(!GuestPage.coupon(code: "7KQ4MX").isShared && !GuestPage.online(ShippedPages.online).isShared)
        #expect(!GuestPage.ended(.expired, again: "/preauth?token=t").isShared)
    }

    private static func pages() throws -> GuestPages {
        GuestPages(renderer: try ShippedPages.renderer(), headers: PageHeaders()) { _, _ in "/captive/assets/image" }
    }

    private static func request(_ headers: Headers) throws -> Request {
        Request(
            method: .get, target: "/preauth?token=t", headers: headers, body: [],
            client: try #require(IPAddress("192.0.2.7")), isSecure: true)
    }

    private static func text(_ response: Response) -> String {
        switch response.body {
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        case .shared(let shared): String(decoding: shared.bytes, as: UTF8.self)
        case .empty: ""
        }
    }
}
