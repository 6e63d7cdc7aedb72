import Captive
import Foundation
import HTTPServer
import NetworkAddress
import Storage
import Testing

/// RFC 8908.
@Suite struct CaptivePortalAPITests {
    private struct Answer: Decodable, Equatable {
        var captive: Bool
        var canExtend: Bool
        var portal: String
        var seconds: Int?
        var bytes: Int?

        enum CodingKeys: String, CodingKey {
            case captive
            case canExtend = "can-extend-session"
            case portal = "user-portal-url"
            case seconds = "seconds-remaining"
            case bytes = "bytes-remaining"
        }
    }

    private func ask(_ venue: TestVenue, site: UUID? = nil, from address: String = "10.5.50.2") async throws -> Answer {
        let path = "/captive-portal/api" + (site.map { "?site=\($0.text)" } ?? "")
        let response = try await venue.send(.get, path, from: address)
        #expect(response.headers["Content-Type"] == "application/captive+json")
        #expect(response.headers["Cache-Control"] == "private, no-store")
        return try JSONDecoder().decode(Answer.self, from: Data(response.text.utf8))
    }

    private func online(_ venue: TestVenue) async throws {
        let code = try await venue.coupon()
        _ = try await venue.send(.post, try await venue.enter(), form: "code=\(code.rawValue)")
    }

    @Test func `the response is correct before, during and after a session`() async throws {
        let venue = try await TestVenue()
        let portal = "http://portal.test/hotspot/\(venue.siteID.text)"
        let captive = Answer(captive: true, canExtend: true, portal: portal)
        #expect(try await ask(venue) == captive)
        try await online(venue)
        venue.clock.advance(by: 60)
        #expect(
            try await ask(venue) == Answer(captive: false, canExtend: true, portal: portal, seconds: 3_540))
        #expect(try await ask(venue, from: "10.5.50.3") == captive)
        venue.clock.advance(by: 3_540)
        #expect(try await ask(venue) == captive)
    }

    @Test func `the response contains the address of the venue's page, if there is one`() async throws {
        let venue = try await TestVenue()
        #expect(try await !venue.send(.get, "/captive-portal/api").text.contains("venue-info-url"))
        let url = "https://hotel.example.org/guests"
        _ = try await venue.store.update(venue.instance.id, in: .default) { $0.venueInfoURL = VenueInfoURL(url) }
        venue.catalog.evict()
        let answer = try await venue.send(.get, "/captive-portal/api").text
        #expect(answer.contains("\"venue-info-url\":\"\(url)\""))
        let code = try await venue.coupon()
        let status = try await venue.send(.post, try await venue.enter(), form: "code=\(code.rawValue)").path()
        let page = try await venue.send(.get, status).text
        #expect(page.contains("href=\"\(url)\">About this place</a>"))
    }

    @Test func `the response contains the remaining bytes if the router limits them`() async throws {
        let venue = try await TestVenue()
        try await online(venue)
        let client = GatewayClient(
            mac: try #require(MACAddress("AA:BB:CC:DD:EE:01")), ip: try #require(IPAddress("10.5.50.2")))
        venue.router.limit(client, bytes: 5_000_000)
        #expect(try await ask(venue).bytes == 5_000_000)
    }

    @Test func `a guest with an IPv6 address is identified by its device`() async throws {
        let venue = try await TestVenue()
        let (own, other) = ("2001:db8::1", "2001:db8::2")
        try await online(venue)
        try venue.router.learn("AA:BB:CC:DD:EE:01", at: own)
        try venue.router.learn("AA:BB:CC:DD:EE:02", at: other)
        let answer = try await ask(venue, site: venue.siteID, from: own)
        #expect(!answer.captive && answer.seconds == 3_600 && answer.canExtend)
        for address in [other, "2001:db8::3"] {
            #expect(try await ask(venue, site: venue.siteID, from: address).captive)
            #expect(
                try await venue.send(.get, "/hotspot/\(venue.siteID.text)", from: address).headers["Location"] == nil)
        }
        #expect(try await ask(venue, from: own).captive)
        let status = try await venue.send(.get, "/hotspot/\(venue.siteID.text)", from: own).path()
        let page = try await venue.send(.get, status, from: own).text
        #expect(page.contains("You’re online") && page.contains("href=\"/logout"))
        let stranger = try await venue.send(.get, "/hotspot/\(venue.siteID.text)?ip=\(own)", from: other).path()
        #expect(try await !venue.send(.get, stranger, from: other).text.contains("/logout"))
    }

    @Test func `the response does not offer an extension if signing in does not extend a session`() async throws {
        let venue = try await TestVenue()
        _ = try await venue.store.update(venue.instance.id, in: .default) { $0.strategy = .oauth2 }
        venue.catalog.evict()
        #expect(try await !ask(venue).canExtend)
    }

    @Test func `a guest stays online when the subnet is given to another instance`() async throws {
        let venue = try await TestVenue()
        try await online(venue)
        _ = try await venue.store.update(venue.instance.id, in: .default) { $0.sites = [] }
        venue.catalog.evict()
        #expect(try await !ask(venue, site: venue.siteID).captive)
        #expect(try await ask(venue, site: venue.siteID, from: "10.5.50.3").captive)
        #expect(try await ask(venue).portal == "http://portal.test/", "nothing tells the site")
        try await venue.store.create(
            Instance(
                id: UUID(), workspace: .default, name: "New", strategy: .oauth2, sessionTTL: 60,
                sites: [.init(siteID: venue.siteID, subnets: [try #require(Subnet("10.5.50.0/24"))])],
                createdAt: venue.clock.now))
        venue.catalog.evict()
        let answer = try await ask(venue)
        #expect(!answer.captive && answer.seconds == 3_600 && answer.canExtend)
    }

    @Test func `a session that waits for the router does not make the active device at its address captive`()
        async throws
    {
        let venue = try await TestVenue()
        try await online(venue)
        venue.clock.advance(by: 60)
        venue.reconciler.set(.isAway)
        let code = try await venue.coupon()
        let page = try await venue.enter(mac: "AA:BB:CC:DD:EE:09")
        #expect(try await venue.send(.post, page, form: "code=\(code.rawValue)").status == .seeOther)
        let waiting = try await ask(venue)
        #expect(!waiting.captive && waiting.seconds == 3_540)
    }

    @Test func `the device that the router confirmed last at an address counts`() async throws {
        let venue = try await TestVenue()
        try await online(venue)
        venue.clock.advance(by: 60)
        let code = try await venue.coupon()
        let page = try await venue.enter(mac: "AA:BB:CC:DD:EE:09")
        _ = try await venue.send(.post, page, form: "code=\(code.rawValue)")
        #expect(try await ask(venue).seconds == 3_600)
    }

    @Test func `a private subnet of two sites does not reveal another guest's time`() async throws {
        let venue = try await TestVenue()
        try await online(venue)
        let neighbour = UUID()
        try await venue.store.create(
            Instance(
                id: UUID(), workspace: .default, name: "Next door", strategy: .coupon, sessionTTL: 3_600,
                sites: [.init(siteID: neighbour, subnets: [try #require(Subnet("10.5.50.0/24"))])],
                createdAt: venue.clock.now))
        venue.catalog.evict()
        #expect(try await ask(venue) == Answer(captive: true, canExtend: false, portal: "http://portal.test/"))
        #expect(try await ask(venue, site: neighbour).captive)
        #expect(try await ask(venue, site: venue.siteID).seconds == 3_600)
        #expect(try await ask(venue, site: UUID()).captive)
    }
}
