import Captive
import Foundation
import HTTPServer
import NetworkAddress
import Storage
import Testing

/// A guest with remaining time whose new address the router has not confirmed.
@Suite struct UnconfirmedMoveTests {
    private static let (old, new) = (("AA:BB:CC:DD:EE:01", "10.5.50.2"), ("AA:BB:CC:DD:EE:77", "10.5.50.77"))

    private func online(_ venue: TestVenue) async throws -> Response {
        try venue.router.learn(Self.old.0, at: Self.old.1)
        let code = try await venue.coupon()
        let status = try await venue.send(.post, try await venue.enter(), form: "code=\(code.rawValue)").path()
        return try await venue.send(.get, status)
    }

    private func isCaptive(_ venue: TestVenue, _ address: String) async throws -> Bool {
        try await venue.send(.get, "/captive-portal/api", from: address).text.contains("\"captive\":true")
    }

    /// The router answers again and does all pending work.
    private func routerComesBack(_ venue: TestVenue) async throws {
        venue.reconciler.set(.confirms)
        let device = try #require(venue.reconciler.marked.last)
        #expect(await venue.reconciler.wait(for: device, atMost: .zero))
    }

    private func expectTruth(_ venue: TestVenue, _ status: String, from address: String) async throws {
        let waiting = try await venue.send(.get, status, from: address)
        #expect(waiting.text.contains("Connecting you") && waiting.headers["Set-Cookie"] == nil)
        #expect(waiting.headers["Refresh"] != nil)
        #expect(try await isCaptive(venue, address))
        try await routerComesBack(venue)
        let page = try await venue.send(.get, status, from: address)
        #expect(page.text.contains("You’re online") && page.text.contains("50 minutes"))
        #expect(page.headers["Set-Cookie"] != nil)
        #expect(try await !isCaptive(venue, address))
    }

    @Test func `a guest who resumes at another MAC address is connecting until the router confirms it`() async throws {
        let venue = try await TestVenue()
        let page = try await online(venue)
        let code = try #require(page.text.firstMatch(of: #/<code dir="ltr">([^<]+)</code>/#)).output.1
        venue.clock.advance(by: 600)
        venue.reconciler.set(.isAway)
        try venue.router.learn(Self.new.0, at: Self.new.1)
        let entry = try await venue.enter(mac: Self.new.0, ip: Self.new.1)
        let status = try await venue.send(.post, entry, form: "code=\(code)", from: Self.new.1).path()
        try await expectTruth(venue, status, from: Self.new.1)
    }

    @Test func `a guest with another IP address is connecting until the router confirms it`() async throws {
        let venue = try await TestVenue()
        _ = try await online(venue)
        venue.clock.advance(by: 600)
        venue.reconciler.set(.isAway)
        try venue.router.learn(Self.old.0, at: "10.5.50.9")
        let status = try await venue.enter(mac: Self.old.0, ip: "10.5.50.9")
        try await expectTruth(venue, status, from: "10.5.50.9")
    }

    @Test func `a wait after a move is counted from the move on`() async throws {
        let venue = try await TestVenue()
        venue.reconciler.set(.isAway)
        let first = try await online(venue).text
        venue.reconciler.set(.confirms)
        try await routerComesBack(venue)
        venue.clock.advance(by: 600)
        venue.reconciler.set(.isAway)
        try venue.router.learn(Self.old.0, at: "10.5.50.9")
        let status = try await venue.enter(mac: Self.old.0, ip: "10.5.50.9")
        #expect(try await venue.send(.get, status, from: "10.5.50.9").text == first)
        venue.clock.advance(by: 61)
        #expect(try await venue.send(.get, status, from: "10.5.50.9").text.contains("isn’t answering"))
    }

    @Test(arguments: [GatewayError.deviceNotSeen, .deviceMismatch, .refused("no")])
    func `a paid session that the router refuses to restore is connecting, not lost`(error: GatewayError) async throws {
        let venue = try await TestVenue()
        _ = try await online(venue)
        venue.clock.advance(by: 600)
        venue.reconciler.set(.refuses(error))
        let status = try await venue.enter()
        #expect(status.hasPrefix("/status"))
        try await expectTruth(venue, status, from: Self.old.1)
    }

    @Test func `a used code entered at an unknown address does not move the session`() async throws {
        let venue = try await TestVenue()
        try venue.router.learn(Self.old.0, at: Self.old.1)
        let code = try await venue.coupon()
        let here = try await venue.enter()
        let elsewhere = try await venue.enter(ip: "10.5.50.99")
        let status = try await venue.send(.post, here, form: "code=\(code.rawValue)").path()
        let refused = try await venue.send(.post, elsewhere, form: "code=\(code.rawValue)", from: "10.5.50.99")
        #expect(refused.status == .ok && refused.text.contains("can’t see your device yet"))
        #expect(try await venue.send(.get, status).text.contains("You’re online"))
        try venue.router.learn(Self.old.0, at: "10.5.50.99")
        let moved = try await venue.send(.post, elsewhere, form: "code=\(code.rawValue)", from: "10.5.50.99")
        #expect(try await venue.send(.get, moved.path(), from: "10.5.50.99").text.contains("You’re online"))
    }

    @Test func `a guest with remaining time is not asked again because the router does not answer`() async throws {
        let venue = try await TestVenue()
        _ = try await online(venue)
        venue.clock.advance(by: 600)
        venue.router.fail(.unreachable("no route"))
        venue.reconciler.set(.isAway)
        for place in [Self.old.1, "10.5.50.9"] {
            let status = try await venue.enter(ip: place)
            #expect(status.hasPrefix("/status"))
            let waiting = try await venue.send(.get, status, from: place)
            #expect(waiting.text.contains("equipment isn’t answering") && waiting.headers["Refresh"] != nil)
            #expect(waiting.headers["Set-Cookie"] == nil)
        }
        let session = try await venue.store.latestSession(of: try #require(MACAddress(Self.old.0)), at: venue.siteID)
        #expect(session.map { "\($0.client.ip)" } == Self.old.1, "a place that the router has not confirmed")
        let status = try await venue.enter(ip: "10.5.50.9")
        venue.router.fail(nil)
        venue.reconciler.set(.confirms)
        try venue.router.learn(Self.old.0, at: "10.5.50.9")
        let followed = try await venue.send(.get, status, from: "10.5.50.9")
        #expect(followed.status == .seeOther)
        let page = try await venue.send(.get, try followed.path(), from: "10.5.50.9")
        #expect(page.text.contains("You’re online") && page.text.contains("50 minutes"))
    }

    @Test func `the page shows that resuming fails because the router does not answer`() async throws {
        let venue = try await TestVenue()
        let page = try await online(venue)
        let code = try #require(page.text.firstMatch(of: #/<code dir="ltr">([^<]+)</code>/#)).output.1
        venue.router.fail(.unreachable("no route"))
        let entry = try await venue.enter(mac: Self.new.0, ip: Self.new.1)
        let refused = try await venue.send(.post, entry, form: "code=\(code)", from: Self.new.1)
        #expect(refused.status == .ok && refused.text.contains("equipment isn’t answering"))
    }

    @Test(arguments: [false, true])
    func `a link that waits for the router does nothing once its session is on another device`(
        hasOther: Bool
    ) async throws {
        let venue = try await TestVenue()
        let page = try await online(venue)
        let code = try #require(page.text.firstMatch(of: #/<code dir="ltr">([^<]+)</code>/#)).output.1
        venue.clock.advance(by: 600)
        venue.router.fail(.unreachable("no route"))
        let link = try await venue.enter()
        #expect(try await venue.send(.get, link).text.contains("equipment isn’t answering"))
        venue.router.fail(nil)
        try venue.router.learn(Self.new.0, at: Self.new.1)
        let entry = try await venue.enter(mac: Self.new.0, ip: Self.new.1)
        let moved = try await venue.send(.post, entry, form: "code=\(code)", from: Self.new.1).path()
        if hasOther {
            let coupon = try await venue.coupon().rawValue
            _ = try await venue.send(.post, try await venue.enter(), form: "code=\(coupon)")
        }
        let before = try await rows(venue)
        #expect(before.count == (hasOther ? 2 : 1))
        let marks = venue.reconciler.marked
        let followed = try await venue.send(.get, link)
        #expect(followed.status == .ok && followed.text.contains("Your time goes on elsewhere"))
        #expect(followed.headers["Set-Cookie"] == nil)
        #expect(try await rows(venue) == before, "no row has changed, and no device has two active sessions")
        #expect(Set(before.map(\.client.mac)).count == before.count)
        #expect(venue.reconciler.marked == marks)
        #expect(try await venue.send(.get, moved, from: Self.new.1).text.contains("You’re online"))
    }

    @Test(arguments: [GatewayError.unreachable("no route"), .busy("starting"), .refused("no")])
    func `a router that cannot tell whether it authorizes the device changes nothing`(error: GatewayError) async throws
    {
        let venue = try await TestVenue()
        _ = try await online(venue)
        let (before, marks) = (try await rows(venue), venue.reconciler.marked)
        venue.router.failHolds(error)
        venue.reconciler.set(.isAway)
        let status = try await venue.enter()
        #expect(status.hasPrefix("/status?token="))
        #expect(try await venue.send(.get, status).text.contains("You’re online"))
        #expect(try await rows(venue) == before)
        #expect(venue.reconciler.marked == marks)
        #expect(try await !isCaptive(venue, Self.old.1))
    }

    private func rows(_ venue: TestVenue) async throws -> [GuestSession] {
        try await venue.store.users(of: venue.siteID, matching: SiteUserFilter(), page: ListPage())
    }
}
