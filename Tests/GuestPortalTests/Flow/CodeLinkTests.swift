import Captive
import Foundation
import HTTPServer
import NetworkAddress
import Testing

@testable import GuestPortal

/// The way of a code from a coupon's QR code to the form, and that no other host or guest receives it.
@Suite struct CodeLinkTests {
    private static let code = "7KQ4MX"
    private static let filled = #"value="7KQ4MX""#

    @Test func `a guest who reaches the portal from its own address is redirected to the filled form`() async throws {
        let venue = try await TestVenue()
        try venue.router.learn("AA:BB:CC:DD:EE:01", at: "10.5.50.2")
        let entry = try await venue.send(.get, "/c/7kq-4mx").path()
        #expect(entry == "/hotspot/\(venue.siteID.text)?code=7KQ4MX")
        let page = try await venue.send(.get, entry).path()
        #expect(try await venue.send(.get, page).text.contains(Self.filled))
    }

    @Test(arguments: ["10.5.50.7", "198.51.100.9"])
    func `a guest outside the guest network gets a page on how to connect`(address: String) async throws {
        let venue = try await TestVenue()
        let response = try await venue.send(.get, "/c/7KQ4MX", from: address)
        #expect(response.status == .ok)
        #expect(response.text.contains(">7KQ4MX</p>") && response.text.contains("http://192.0.2.1/c/7KQ4MX"))
        #expect(response.headers["Cache-Control"] == "no-store" && response.headers["Referrer-Policy"] == "no-referrer")
    }

    @Test(arguments: [
        "http://portal.test/c/7KQ4MX", "https://portal.test/c/7kq4mx", "http://portal.test:8080/c/7KQ4MX?a=b",
        "http://192.0.2.1/c/7KQ4MX",
    ])
    func `a code in the intercepted address fills the form, and is not a destination`(
        origin: String
    ) async throws {
        let venue = try await TestVenue()
        let page = try await venue.enter(more: "&link-orig=\(QueryEscaping.escape(origin))")
        #expect(page.hasSuffix("&code=7KQ4MX"))
        #expect(try await venue.send(.get, page).text.contains(Self.filled))
        let ticket = CapturedDestination(origin, portal: venue.portal.publicURL)
        #expect(ticket == nil)
    }

    @Test(arguments: [
        "http://elsewhere.test/c/7KQ4MX", "http://portal.test/d/7KQ4MX", "http://portal.test/c/7KQ4M",
        "http://portal.test/c/7KQ4MXX", "ftp://192.0.2.1/c/7KQ4MX", "http://192.0.2.1/c/%22%3E%3Cb%3E", "/c/7KQ4MX",
        "http://192.0.2.1/c/", "http://192.0.2.1/C/7KQ4MX",
    ])
    func `any other intercepted address fills nothing`(origin: String) async throws {
        let venue = try await TestVenue()
        let page = try await venue.enter(more: "&link-orig=\(QueryEscaping.escape(origin))")
        #expect(!page.contains("&code="))
    }

    @Test func `the filled form belongs to one guest, and is not shared`() async throws {
        let venue = try await TestVenue()
        let page = try await venue.enter()
        for _ in 0..<2 {
            #expect(try await venue.send(.get, page + "&code=7KQ4MX").text.contains(Self.filled))
            #expect(try await !venue.send(.get, page).text.contains("7KQ4MX"))
        }
        #expect(try await !venue.send(.get, page + "&code=%22%3E%3Cscript%3E").text.contains("value="))
    }

    @Test(arguments: ["/c/7KQ4M", "/c/<script>", "/c/7KQ4MX7", "/c/0O1IL7"])
    func `an invalid code leads to a page that does not repeat it`(target: String) async throws {
        let response = try await TestVenue().send(.get, target)
        #expect(response.status == .badRequest)
        #expect(!response.text.contains(target.dropFirst(3)))
    }

    @Test func `an intercepted request for the QR code's address keeps its code`() async throws {
        let venue = try await TestVenue()
        let known = await venue.intercepted("/c/7KQ4MX", from: "10.5.50.2")
        #expect(try known.path() == "/hotspot/\(venue.siteID.text)?ip=10.5.50.2&code=7KQ4MX")
        let unknown = await venue.intercepted("/c/7KQ4MX", from: "198.51.100.9")
        #expect(try unknown.path() == "/c/7KQ4MX")
    }
}

extension TestVenue {
    fileprivate func intercepted(_ target: String, from address: String) async -> Response {
        let request = Request(
            method: .get, target: target, headers: ["Host": "192.0.2.1"], body: [],
            client: IPAddress(address) ?? .loopback, isSecure: false)
        return await portal.intercept(request)
    }
}
