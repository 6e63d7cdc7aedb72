import Captive
import Foundation
import GuestPortal
import HTTPServer
import NetworkAddress
import Storage
import Testing

@Suite struct RefusalTests {
    @Test(arguments: [
        "/hotspot/not-an-id?ip=10.5.50.2",
        "/hotspot/3c90c3cc-0d44-4b50-8888-8dd25736052a?ip=10.5.50.2&mac=AA:BB:CC:DD:EE:01",
    ])
    func `an unknown site is a page, not an error`(target: String) async throws {
        let response = try await TestVenue().send(.get, target)
        #expect(response.status == .notFound)
        #expect(response.headers["Content-Type"] == "text/html; charset=utf-8")
    }

    @Test func `an address outside every subnet leads to a page that explains it`() async throws {
        let venue = try await TestVenue()
        let response = try await venue.send(.get, "/hotspot/\(venue.siteID.text)?ip=10.6.0.1&mac=AA:BB:CC:DD:EE:01")
        #expect(response.status == .notFound)
    }

    @Test(arguments: ["ip=10.5.50.2&mac=nonsense", "ip=999.1.1.1&mac=AA:BB:CC:DD:EE:01"])
    func `a malformed address is refused`(fields: String) async throws {
        let venue = try await TestVenue()
        #expect(try await venue.send(.get, "/hotspot/\(venue.siteID.text)?\(fields)").status == .badRequest)
    }

    @Test func `the router is asked for the MAC address of a guest without one`() async throws {
        let venue = try await TestVenue()
        #expect(try await venue.send(.get, "/hotspot/\(venue.siteID.text)").status == .notFound)
        try venue.router.learn("AA:BB:CC:DD:EE:01", at: "10.5.50.2")
        #expect(try await venue.send(.get, "/hotspot/\(venue.siteID.text)").status == .found)
    }

    @Test(arguments: ["/preauth", "/preauth?token=", "/preauth?token=AAAA", "/status?token=x", "/preauth?token=%00"])
    func `a malformed token is a page with a way back`(target: String) async throws {
        let response = try await TestVenue().send(.get, target)
        #expect(response.status == .badRequest)
        #expect(response.text.contains("href=\"/\""))
    }

    @Test func `long parameters from a router do not make a token too long`() async throws {
        let venue = try await TestVenue()
        let far = String(repeating: "x", count: 6_000)
        let page = try await venue.enter(more: "&link-login-only=http://r/\(far)&link-orig=http://a/\(far)")
        #expect(try await venue.send(.get, page).status == .ok)
    }

    @Test func `a code is kept when the instance has left the site before the guest entered it`() async throws {
        let venue = try await TestVenue()
        let page = try await venue.enter()
        let code = try await venue.coupon()
        _ = try await venue.store.update(venue.instance.id, in: .default) { $0.sites = [] }
        venue.catalog.evict(venue.instance.id)
        #expect(try await venue.send(.post, page, form: "code=\(code.rawValue)").status == .notFound)
        let valid = try await venue.store.validCoupons(of: venue.instance.id, now: venue.clock.now, page: ListPage())
        #expect(valid.map(\.code) == [code])
    }

    @Test func `an expired token has its own page`() async throws {
        let venue = try await TestVenue()
        let page = try await venue.enter()
        venue.clock.advance(by: 3_600)
        let response = try await venue.send(.get, page)
        #expect(response.status == .badRequest)
        #expect(response.text.contains("expired"))
    }

    @Test func `a token of one purpose is not accepted for another`() async throws {
        let venue = try await TestVenue()
        let page = try await venue.enter()
        #expect(try await venue.send(.get, page.replacing("/preauth", with: "/status")).status == .badRequest)
    }

    @Test func `a guest's input is never reflected unescaped`() async throws {
        let venue = try await TestVenue()
        let page = try await venue.enter()
        let response = try await venue.send(.post, page, form: "code=%3Cscript%3Ealert(1)%3C/script%3E")
        #expect(!response.text.contains("<script"))
        #expect(response.text.contains("Hotel &lt;Aurora&gt;"))
    }

    @Test(arguments: [
        "javascript:alert(1)", "//evil.example", "http://user:pw@evil.example/", "http://portal.test/logout",
        "ftp://x.example",
        "http://captive.apple.com/hotspot-detect.html", "http://a.example/\\..", "http://a.example/\r\nX: y",
    ])
    func `an unsuitable destination is dropped`(destination: String) async throws {
        let venue = try await TestVenue()
        let escaped = destination.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let page = try await venue.enter(more: "&link-orig=\(escaped)")
        let status = try await venue.send(.post, page, form: "code=\(try await venue.coupon().rawValue)").path()
        let text = try await venue.send(.get, status).text
        for piece in ["evil", "javascript", "apple.com", "a.example", "x.example"] { #expect(!text.contains(piece)) }
    }

    @Test func `a suitable destination is offered as a link`() async throws {
        let venue = try await TestVenue()
        let page = try await venue.enter(more: "&link-orig=http%3A%2F%2Fnews.example%2Ftoday%3Fa%3D1")
        let status = try await venue.send(.post, page, form: "code=\(try await venue.coupon().rawValue)").path()
        #expect(try await venue.send(.get, status).text.contains("href=\"http://news.example/today?a=1\""))
    }
}

@Suite struct ProbeTests {
    func request(_ venue: TestVenue, _ host: String, _ target: String, from: String = "10.5.50.2") throws -> Request {
        Request(
            method: .get, target: target, headers: ["Host": host], body: [], client: try #require(IPAddress(from)),
            isSecure: false)
    }

    @Test(arguments: [
        ("captive.apple.com", "/hotspot-detect.html"), ("connectivitycheck.gstatic.com", "/generate_204"),
        ("www.msftconnecttest.com", "/connecttest.txt"), ("detectportal.firefox.com", "/canonical.html"),
    ])
    func `a phone's probe is sent to the entry of its site`(host: String, target: String) async throws {
        let venue = try await TestVenue()
        let probe = try request(venue, host, target)
        #expect(venue.portal.isIntercepted(probe))
        let response = await venue.portal.intercept(probe)
        #expect(response.status == .found)
        #expect(response.headers["Location"] == "http://portal.test/hotspot/\(venue.siteID.text)?ip=10.5.50.2")
        #expect(response.text.utf8.count > 4)
        #expect(venue.portal.interceptInMemory(probe) != nil)
    }

    @Test func `a guest's first request is remembered as the destination`() async throws {
        let venue = try await TestVenue()
        let response = await venue.portal.intercept(try request(venue, "news.example", "/today?a=1"))
        #expect(response.headers["Location"]?.hasSuffix("&link-orig=http%3A%2F%2Fnews.example%2Ftoday%3Fa%3D1") == true)
    }
}
