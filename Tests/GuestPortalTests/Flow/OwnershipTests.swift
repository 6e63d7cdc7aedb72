import Captive
import Foundation
import HTTPServer
import NetworkAddress
import Storage
import Testing

@testable import GuestPortal

/// Only a session's guest may move, extend or end it; knowing the device's MAC and IP address is not enough.
@Suite struct OwnershipTests {
    private static let victim = ("AA:BB:CC:DD:EE:01", "10.5.50.2")
    private static let thief = ("AA:BB:CC:DD:EE:66", "10.5.50.66")

    /// A guest who is online: its code and its status page.
    private func online(
        _ venue: TestVenue, _ place: (String, String) = victim
    ) async throws -> (code: String, status: String) {
        try venue.router.learn(place.0, at: place.1)
        let code = try await venue.coupon().rawValue
        let page = try await venue.enter(mac: place.0, ip: place.1)
        return (code, try await venue.send(.post, page, form: "code=\(code)", from: place.1).path())
    }

    /// The thief's page for the victim's device, opened before the victim is online.
    private func keptPage(_ venue: TestVenue) async throws -> String {
        let (mac, ip) = Self.victim
        let target = "/hotspot/\(venue.siteID.text)?mac=\(mac)&ip=\(ip)"
        return try await venue.send(.get, target, from: "192.0.2.66").path()
    }

    private func session(_ venue: TestVenue, _ mac: String = victim.0) async throws -> GuestSession? {
        try await venue.store.latestSession(of: try #require(MACAddress(mac)), at: venue.siteID)
    }

    @Test func `a code for a device with another guest's session is refused, whether it is valid or not`() async throws
    {
        let venue = try await TestVenue()
        let kept = try await keptPage(venue)
        _ = try await online(venue)
        let before = try await session(venue)
        let coupon = try await venue.coupon().rawValue
        var texts: Set<String> = []
        for code in [coupon, "ABC234"] {
            let refused = try await venue.send(.post, kept, form: "code=\(code)", from: "192.0.2.66")
            #expect(refused.status == .conflict && refused.headers["Set-Cookie"] == nil)
            texts.insert(refused.text)
        }
        #expect(texts.count == 1 && texts.first?.contains("already online with another code") == true)
        #expect(try await session(venue) == before)
        // The coupon is still valid.
        let page = try await venue.enter(mac: Self.thief.0, ip: Self.thief.1)
        #expect(try await venue.send(.post, page, form: "code=\(coupon)", from: Self.thief.1).status == .seeOther)
    }

    @Test func `the thief's own session does not move to the guest's device`() async throws {
        let venue = try await TestVenue()
        let kept = try await keptPage(venue)
        _ = try await online(venue)
        venue.clock.advance(by: 60)
        let own = try await online(venue, Self.thief)
        let page = try await venue.send(.get, own.status, from: Self.thief.1).text
        let code = try #require(page.firstMatch(of: #/<code dir="ltr">([^<]+)</code>/#)).output.1
        let (before, thiefs) = (try await session(venue), try await session(venue, Self.thief.0))
        let refused = try await venue.send(.post, kept, form: "code=\(code)", from: "192.0.2.66")
        #expect(refused.status == .conflict)
        #expect(try await session(venue) == before)
        #expect(try await session(venue, Self.thief.0) == thiefs)
    }

    @Test func `a resume code for a device with another guest's session gets one answer, right or wrong`() async throws
    {
        let venue = try await TestVenue()
        let kept = try await keptPage(venue)
        _ = try await online(venue)
        let own = try await online(venue, Self.thief)
        let page = try await venue.send(.get, own.status, from: Self.thief.1).text
        let right = String(try #require(page.firstMatch(of: #/<code dir="ltr">([^<]+)</code>/#)).output.1)
        let wrong = right.hasPrefix("7") ? "4" + right.dropFirst() : "7" + right.dropFirst()
        var texts: Set<String> = []
        for code in [right, wrong] {
            let refused = try await venue.send(.post, kept, form: "code=\(code)", from: "192.0.2.66")
            #expect(refused.status == .conflict && refused.headers["Set-Cookie"] == nil)
            texts.insert(refused.text)
        }
        #expect(texts.count == 1)
    }

    /// A guest who is online at another instance of the site; its device now has an address of this instance.
    private func onlineElsewhere(_ venue: TestVenue) async throws -> (code: String, page: String) {
        let bar = Instance(
            id: UUID(), workspace: .default, name: "Bar", strategy: .coupon, sessionTTL: 3_600,
            sites: [.init(siteID: venue.siteID, subnets: [try #require(Subnet("10.5.51.0/24"))])],
            createdAt: venue.clock.now)
        try await venue.store.create(bar)
        venue.catalog.evict()
        let code = try await venue.coupon(of: bar.id).rawValue
        try venue.router.learn(Self.victim.0, at: "10.5.51.9")
        let first = try await venue.enter(ip: "10.5.51.9")
        _ = try await venue.send(.post, first, form: "code=\(code)", from: "10.5.51.9")
        #expect(try await session(venue)?.instanceID == bar.id)
        try venue.router.forget("10.5.51.9")
        try venue.router.learn(Self.victim.0, at: Self.victim.1)
        let page = try await venue.enter()
        #expect(page.hasPrefix("/preauth?token="))
        return (code, page)
    }

    @Test func `a guest of another instance of the site can enter a new code at its own address`() async throws {
        let venue = try await TestVenue()
        let guest = try await onlineElsewhere(venue)
        let code = try await venue.coupon().rawValue
        let accepted = try await venue.send(.post, guest.page, form: "code=\(code)")
        #expect(accepted.status == .seeOther)
        let session = try #require(try await session(venue))
        #expect(session.instanceID == venue.instance.id && session.status == .active)
        #expect(try await venue.send(.get, accepted.path()).text.contains("/logout"))
    }

    @Test func `a guest of another instance of the site can enter the running session's code`() async throws {
        let venue = try await TestVenue()
        let guest = try await onlineElsewhere(venue)
        let before = try #require(try await session(venue))
        let accepted = try await venue.send(.post, guest.page, form: "code=\(guest.code)")
        #expect(accepted.status == .seeOther)
        let after = try #require(try await session(venue))
        #expect(after.id == before.id && after.status == .active && "\(after.client.ip)" == Self.victim.1)
        #expect(after.expiresAt == before.expiresAt && after.awaitingSince == nil)
        #expect(try await venue.send(.get, accepted.path()).text.contains("/logout"))
    }

    @Test func `a guest who began a session on a device loses the rights with the next guest's code`() async throws {
        let venue = try await TestVenue()
        let kept = try await keptPage(venue)
        try venue.router.learn(Self.victim.0, at: Self.victim.1)
        let code = try await venue.coupon().rawValue
        let status = try await venue.send(.post, kept, form: "code=\(code)", from: "192.0.2.66").path()
        // The device's own guest adds time to a session that another guest began on it.
        let entry = try await venue.enter(mac: Self.victim.0, ip: Self.victim.1)
        let page = try await venue.send(.get, entry, from: Self.victim.1).text
        let link = try #require(page.firstMatch(of: #/href="(\/preauth\?token=[^"]+)"/#)).output.1
        let more = try await venue.coupon().rawValue
        let added = try await venue.send(.post, String(link), form: "code=\(more)", from: Self.victim.1)
        #expect(added.status == .seeOther)
        let followed = try await venue.send(.get, status, from: "192.0.2.66")
        let seen = try await venue.send(.get, followed.path(), from: "192.0.2.66").text
        #expect(seen.contains("You’re online") && !seen.contains("/logout") && !seen.contains("<code"))
    }

    @Test func `the code of the running session is the proof in another browser`() async throws {
        let venue = try await TestVenue()
        let kept = try await keptPage(venue)
        let guest = try await online(venue)
        let again = try await venue.send(.post, kept, form: "code=\(guest.code)", from: "192.0.2.1")
        #expect(again.status == .seeOther)
        #expect(try await venue.send(.get, again.path(), from: "192.0.2.1").text.contains("/logout"))
    }

    @Test func `entering with a guest's addresses changes nothing and does not make the device captive`() async throws {
        let venue = try await TestVenue()
        _ = try await online(venue)
        venue.router.hold(try #require(try await session(venue)).client)
        let before = (try await session(venue), venue.reconciler.marked)
        _ = try await keptPage(venue)
        #expect(try await session(venue) == before.0)
        #expect(venue.reconciler.marked == before.1)
        let answer = try await venue.send(.get, "/captive-portal/api", from: Self.victim.1).text
        #expect(answer.contains("\"captive\":false"))
    }

    @Test(
        arguments: [
            ["Origin": "https://evil.example"], ["Sec-Fetch-Site": "cross-site"], ["Sec-Fetch-Site": "same-site"],
            ["Origin": "null", "Sec-Fetch-Site": "same-site"],
        ] as [Headers])
    func `a form of another site is refused`(headers: Headers) async throws {
        let venue = try await TestVenue()
        let page = try await venue.enter()
        let code = try await venue.coupon().rawValue
        let refused = try await venue.send(.post, page, form: "code=\(code)", headers: headers)
        #expect(refused.status == .forbidden && refused.text.contains("belongs to another device"))
        #expect(try await session(venue) == nil)
        let allowed = try await venue.send(.post, page, form: "code=\(code)", headers: ["Origin": "null"])
        #expect(allowed.status == .seeOther, "a page without referrer says null")
    }

    @Test(
        arguments: [
            [:], ["Sec-Fetch-Site": "same-origin"], ["Sec-Fetch-Site": "none"],
            ["Origin": "http://portal.test", "Sec-Fetch-Site": "same-origin"],
        ] as [Headers])
    func `a form of the portal's own page is accepted`(headers: Headers) async throws {
        let venue = try await TestVenue()
        let code = try await venue.coupon().rawValue
        let accepted = try await venue.send(.post, try await venue.enter(), form: "code=\(code)", headers: headers)
        #expect(accepted.status == .seeOther)
    }

    @Test func `a page of another device is refused from a device that the router knows`() async throws {
        let venue = try await TestVenue()
        let thiefs = try await venue.enter(mac: Self.thief.0, ip: Self.thief.1)
        try venue.router.learn(Self.victim.0, at: Self.victim.1)
        let code = try await venue.coupon().rawValue
        let refused = try await venue.send(.post, thiefs, form: "code=\(code)", from: Self.victim.1)
        #expect(refused.status == .forbidden)
        #expect(try await session(venue, Self.thief.0) == nil)
    }

    @Test(arguments: [
        (GatewayError.unreachable("no route"), HTTPServer.Status.forbidden), (.busy("starting"), .forbidden),
        (.unsupported("it does not tell which device is where"), .seeOther),
    ])
    func `a page of another device is refused while the router does not answer`(
        error: GatewayError, status: HTTPServer.Status
    ) async throws {
        let venue = try await TestVenue()
        let thiefs = try await venue.enter(mac: Self.thief.0, ip: Self.thief.1)
        try venue.router.learn(Self.victim.0, at: Self.victim.1)
        venue.router.fail(error)
        let code = try await venue.coupon().rawValue
        let answer = try await venue.send(.post, thiefs, form: "code=\(code)", from: Self.victim.1)
        #expect(answer.status == status)
        #expect((try await session(venue, Self.thief.0) == nil) == (status == .forbidden))
    }

    @Test func `signing out asks first, and the same code restores the remaining time`() async throws {
        let venue = try await TestVenue()
        let guest = try await online(venue)
        venue.clock.advance(by: 600)
        let question = guest.status.replacing("/status", with: "/logout")
        let asked = try await venue.send(.get, question)
        #expect(asked.text.contains("Sign out?") && asked.text.contains("50 minutes"))
        #expect(try await session(venue)?.status == .active)
        _ = try await venue.send(.post, question, form: "")
        #expect(try await session(venue)?.hasEnded(.signedOut) == true)
        venue.clock.advance(by: 600)
        let entry = try await venue.enter()
        let back = try await venue.send(.post, entry, form: "code=\(guest.code)")
        #expect(back.status == .seeOther)
        #expect(try await venue.send(.get, back.path()).text.contains("40 minutes"))
        #expect(try await session(venue)?.expiresAt == venue.clock.now + 2_400)
    }

    @Test func `a refused code shows the reason`() async throws {
        let venue = try await TestVenue()
        func words(_ code: String, _ place: (String, String)) async throws -> String {
            let page = try await venue.enter(mac: place.0, ip: place.1)
            return try await venue.send(.post, page, form: "code=\(code)", from: place.1).text
        }
        let guest = try await online(venue)
        #expect(try await words(guest.code, Self.thief).contains("in use on another device"))
        let ended = try #require(try await session(venue))
        _ = try await venue.store.end(ended.id, reason: .admin, now: venue.clock.now)
        #expect(try await words(guest.code, Self.victim).contains("The staff ended this session"))
        let second = try await online(venue)
        venue.clock.advance(by: 3_601)
        _ = try await venue.store.expireSessions(now: venue.clock.now, limit: 10)
        #expect(try await words(second.code, Self.victim).contains("used up"))
        let old = try await venue.coupon(minutes: -1).rawValue
        #expect(try await words(old, Self.victim).contains("expired"))
    }
}
