import Captive
import Foundation
import HTTPServer
import NetworkAddress
import Storage
import Testing

/// Why a guest is offline, and how the guest can continue.
@Suite struct EndingTests {
    private func online(_ venue: TestVenue) async throws -> String {
        let code = try await venue.coupon()
        return try await venue.send(.post, try await venue.enter(), form: "code=\(code.rawValue)").path()
    }

    private func end(_ venue: TestVenue, _ reason: GuestSession.EndReason) async throws {
        let device = try #require(MACAddress("AA:BB:CC:DD:EE:01"))
        let session = try #require(try await venue.store.latestSession(of: device, at: venue.siteID))
        _ = try await venue.store.end(session.id, reason: reason, now: venue.clock.now)
    }

    @Test(arguments: [
        (GuestSession.EndReason.admin, "You’ve been disconnected"),
        (GuestSession.EndReason.signedOut, "You’re signed out"),
    ])
    func `status page and entry show how a session ended`(reason: GuestSession.EndReason, words: String) async throws {
        let venue = try await TestVenue()
        let status = try await online(venue)
        try await end(venue, reason)
        let page = try await venue.send(.get, status)
        #expect(page.text.contains(words) && page.text.contains("/preauth?token="))
        #expect(page.headers["Set-Cookie"] == nil)
        let next = try await venue.send(.get, try await venue.enter())
        #expect(next.text.contains(words) && next.text.contains("name=\"code\""))
    }

    @Test func `for a day, the page shows that the session has expired and asks for another code`() async throws {
        let venue = try await TestVenue()
        _ = try await online(venue)
        venue.clock.advance(by: 3_601)
        let page = try await venue.enter()
        #expect(page.hasSuffix("&after=expired"))
        #expect(try await venue.send(.get, page).text.contains("Your time is up"))
        venue.clock.advance(by: 86_400)
        #expect(try await !venue.enter().contains("after"))
    }

    @Test func `the page of a reason is shared by all guests, and an unknown reason has no effect`() async throws {
        let venue = try await TestVenue()
        let (one, two) = (try await venue.enter(), try await venue.enter(mac: "AA:BB:CC:DD:EE:02", ip: "10.5.50.3"))
        let texts = [
            try await venue.send(.get, one + "&after=expired").text,
            try await venue.send(.get, two + "&after=expired").text,
        ]
        #expect(texts[0] == texts[1])
        let plain = try await venue.send(.get, one).text
        #expect(texts[0] != plain)
        #expect(try await venue.send(.get, one + "&after=%3Cb%3E").text == plain)
    }

    @Test func `a guest sees nothing of another device's previous session`() async throws {
        let venue = try await TestVenue()
        _ = try await online(venue)
        try await end(venue, .admin)
        #expect(try await !venue.enter(mac: "AA:BB:CC:DD:EE:02", ip: "10.5.50.3").contains("after"))
    }

    @Test func `a closed page and a forgotten visit have their own texts`() async throws {
        let venue = try await TestVenue()
        let (page, status) = (try await venue.enter(), try await online(venue))
        try await end(venue, .signedOut)
        _ = try await venue.store.deleteSessions(endedBefore: venue.clock.now + 1, limit: 10)
        let forgotten = try await venue.send(.get, status)
        #expect(forgotten.status == .badRequest && forgotten.text.contains("no longer know this visit"))
        #expect(forgotten.text.contains("/preauth?token="))
        let other = try await online(venue)
        _ = try await venue.store.deleteInstance(venue.instance.id, in: .default)
        venue.catalog.evict()
        for path in [page, other] {
            let closed = try await venue.send(.get, path)
            #expect(closed.status == .notFound && closed.text.contains("This page is closed"), "\(path)")
        }
        #expect(try await venue.send(.post, page, form: "code=ABCDEF").text.contains("This page is closed"))
    }

    @Test func `after a long wait for the router the page shows the reason, and that nothing is lost`() async throws {
        let venue = try await TestVenue()
        venue.reconciler.set(.isAway)
        let status = try await online(venue)
        var texts: [String] = []
        for seconds in [0.0, 16, 61] {
            venue.clock.advance(by: seconds)
            texts.append(try await venue.send(.get, status).text)
        }
        #expect(Set(texts).count == 3 && texts[2].contains("isn’t answering"))
    }
}
