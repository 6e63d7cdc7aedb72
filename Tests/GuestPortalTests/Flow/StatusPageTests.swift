import Captive
import Foundation
import HTTPServer
import NetworkAddress
import Storage
import Testing

/// The cookie by which a browser proves its session, and the link to another proof, on the status page.
@Suite struct StatusPageTests {
    private static let (one, two) = (("AA:BB:CC:DD:EE:01", "10.5.50.2"), ("AA:BB:CC:DD:EE:02", "10.5.50.3"))

    /// A guest who is online, with the cookie from the response to the code.
    private func online(
        _ venue: TestVenue, _ device: (String, String) = one
    ) async throws -> (code: String, status: String, cookie: String) {
        try venue.router.learn(device.0, at: device.1)
        let code = try await venue.coupon().rawValue
        let page = try await venue.enter(mac: device.0, ip: device.1)
        let answer = try await venue.send(.post, page, form: "code=\(code)", from: device.1)
        let field = try #require(answer.headers["Set-Cookie"])
        return (code, try answer.path(), String(field.prefix { $0 != ";" }))
    }

    /// Returns true if the status page sets the cookie.
    private func setsCookie(_ venue: TestVenue, _ status: String, _ headers: Headers) async throws -> Bool {
        let page = try await venue.send(.get, status, headers: headers)
        #expect(page.text.contains("You’re online"))
        return page.headers["Set-Cookie"] != nil
    }

    @Test(
        arguments: [
            (nil, true), ("none", true), ("same-origin", true), ("cross-site", false),
        ] as [(String?, Bool)])
    func `a link from another site sets no cookie`(site: String?, isSet: Bool) async throws {
        let venue = try await TestVenue()
        let guest = try await online(venue)
        #expect(try await setsCookie(venue, guest.status, site.map { ["Sec-Fetch-Site": $0] } ?? [:]) == isSet)
    }

    @Test func `the cookie of a running session is not replaced by that of another`() async throws {
        let venue = try await TestVenue()
        let (guest, other) = (try await online(venue), try await online(venue, Self.two))
        #expect(try await !setsCookie(venue, other.status, ["Cookie": guest.cookie]))
        #expect(try await setsCookie(venue, guest.status, ["Cookie": guest.cookie]), "it is renewed")
        #expect(try await setsCookie(venue, other.status, ["Cookie": "portico-stay=AAAA"]), "it proves nothing")
    }

    @Test func `the cookie of an ended or moved session is replaced`() async throws {
        let venue = try await TestVenue()
        let (guest, other) = (try await online(venue), try await online(venue, Self.two))
        let text = try await venue.send(.get, guest.status).text
        let code = try #require(text.firstMatch(of: #/<code dir="ltr">([^<]+)</code>/#)).output.1
        try venue.router.learn("AA:BB:CC:DD:EE:77", at: "10.5.50.77")
        let entry = try await venue.enter(mac: "AA:BB:CC:DD:EE:77", ip: "10.5.50.77")
        let moved = try await venue.send(.post, entry, form: "code=\(code)", from: "10.5.50.77").path()
        #expect(try await setsCookie(venue, other.status, ["Cookie": guest.cookie]), "moved")
        let page = try await venue.send(.get, moved, from: "10.5.50.77")
        let cookie = String(try #require(page.headers["Set-Cookie"]).prefix { $0 != ";" })
        #expect(try await !setsCookie(venue, other.status, ["Cookie": cookie]))
        let signOut = moved.replacing("/status", with: "/logout")
        _ = try await venue.send(.post, signOut, form: "", from: "10.5.50.77")
        #expect(try await setsCookie(venue, other.status, ["Cookie": cookie]), "ended")
    }

    @Test(arguments: [true, false])
    func `a renewal sets its cookie after the router has confirmed it`(isConfirmed: Bool) async throws {
        let venue = try await TestVenue()
        let guest = try await online(venue)
        let text = try await venue.send(.get, guest.status).text
        let link = try #require(text.firstMatch(of: #/href="(\/preauth\?token=[^"]+)"/#)).output.1
        if !isConfirmed { venue.reconciler.set(.isAway) }
        let code = try await venue.coupon().rawValue
        let renewed = try await venue.send(
            .post, String(link), form: "code=\(code)", headers: ["Cookie": guest.cookie])
        #expect(renewed.status == .seeOther)
        #expect((renewed.headers["Set-Cookie"] != nil) == isConfirmed)
    }

    @Test func `another sign-in sets its cookie with the answer, because another site leads to its status page`()
        async throws
    {
        let hotel = try await SignInHotel(.google)
        for _ in 0..<2 {
            let done = try await hotel.signIn(as: "anna")
            #expect(done.headers.values("Set-Cookie").contains { $0.hasPrefix("portico-stay=") })
            hotel.venue.clock.advance(by: 60)
        }
        await hotel.stop()
    }

    @Test func `a reader without rights can prove the session by its code`() async throws {
        let venue = try await TestVenue()
        let guest = try await online(venue)
        let own = try await venue.send(.get, guest.status).text
        #expect(own.contains("/logout") && !own.contains("Enter your code"))
        // Behind a translated address, in a browser that keeps no cookies.
        let translated = "192.0.2.1"
        let entry = "/hotspot/\(venue.siteID.text)?mac=\(Self.one.0)&ip=\(Self.one.1)"
        let status = try await venue.send(.get, entry, from: translated).path()
        let page = try await venue.send(.get, status, from: translated).text
        #expect(page.contains("You’re online") && !page.contains("/logout"))
        let link = try #require(page.firstMatch(of: #/href="(\/preauth\?token=[^"]+)">Enter your code</#)).output.1
        #expect(try await venue.send(.get, String(link), from: translated).text.contains("name=\"code\""))
        let proved = try await venue.send(.post, String(link), form: "code=\(guest.code)", from: translated)
        #expect(proved.status == .seeOther && proved.headers["Set-Cookie"] != nil)
        #expect(try await venue.send(.get, proved.path(), from: translated).text.contains("/logout"))
        let refused = try await venue.send(.post, String(link), form: "code=ZZZZZZ", from: translated)
        #expect(refused.status == .conflict)
    }

    @Test func `a session of a sign-in offers no code entry`() async throws {
        let hotel = try await SignInHotel(.google)
        let venue = hotel.venue
        _ = try await hotel.signIn(as: "anna")
        try venue.router.learn(Self.one.0, at: Self.one.1)
        let entry = "/hotspot/\(venue.siteID.text)?mac=\(Self.one.0)&ip=\(Self.one.1)"
        let status = try await venue.send(.get, entry, from: "192.0.2.1").path()
        let page = try await venue.send(.get, status, from: "192.0.2.1").text
        #expect(page.contains("You’re online") && !page.contains("Enter your code") && !page.contains("/preauth"))
        await hotel.stop()
    }
}
