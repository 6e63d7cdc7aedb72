import Captive
import Foundation
import GuestPortal
import HTTPServer
import NetworkAddress
import Pages
import Storage
import Testing

@Suite struct JourneyTests {
    @Test func `a guest with a coupon gets online and sees how long it lasts`() async throws {
        let venue = try await TestVenue()
        let page = try await venue.enter()
        #expect(page.hasPrefix("/preauth?token="))
        let code = try await venue.coupon()
        let accepted = try await venue.send(.post, page, form: "code=\(code.rawValue.lowercased())")
        #expect(accepted.status == .seeOther)
        let status = try await venue.send(.get, try accepted.path())
        #expect(status.status == .ok)
        #expect(status.text.contains("online") && status.text.contains("1 hour"))
    }

    @Test func `wrong, expired, used and foreign codes have their own texts, and lose nothing`() async throws {
        let venue = try await TestVenue()
        let other = Instance(
            id: UUID(), workspace: .default, name: "Bar", strategy: .coupon, sessionTTL: 3_600,
            createdAt: venue.clock.now)
        try await venue.store.create(other)
        let used = try await venue.coupon()
        _ = try await venue.send(
            .post, try await venue.enter(mac: "AA:BB:CC:DD:EE:09", ip: "10.5.50.9"), form: "code=\(used.rawValue)")
        let expired = try await venue.coupon(minutes: 1)
        let foreign = try await venue.coupon(of: other.id)
        venue.clock.advance(by: 120)
        let page = try await venue.enter()
        var words: Set<String> = []
        for code in ["ZZZZZZ", used.rawValue, expired.rawValue, foreign.rawValue, ""] {
            let response = try await venue.send(.post, page, form: "code=\(code)")
            #expect(response.status == .unprocessableContent)
            words.insert(response.text)
        }
        #expect(words.count == 5)
        let kept = try await venue.store.validCoupons(of: other.id, now: venue.clock.now, page: ListPage())
        #expect(kept.map(\.code) == [foreign])
    }

    @Test func `before the router confirms, the page shows connecting and reloads itself`() async throws {
        let venue = try await TestVenue()
        venue.reconciler.set(.isAway)
        let code = try await venue.coupon()
        let accepted = try await venue.send(.post, try await venue.enter(), form: "code=\(code.rawValue)")
        let status = try await venue.send(.get, try accepted.path())
        #expect(status.headers["Refresh"] == "2" || status.text.contains("http-equiv"))
        #expect(!status.text.contains("You’re online"))
    }

    @Test func `a device with another device's address is refused and keeps its coupon`() async throws {
        let venue = try await TestVenue()
        venue.reconciler.set(.refuses(.deviceMismatch))
        let code = try await venue.coupon()
        let accepted = try await venue.send(.post, try await venue.enter(), form: "code=\(code.rawValue)")
        let status = try await venue.send(.get, try accepted.path())
        #expect(status.text.contains("don’t match") && status.text.contains("has not been used up"))
        #expect(
            try await venue.store.validCoupons(of: venue.instance.id, now: venue.clock.now, page: ListPage()).count == 1
        )
    }

    @Test func `signing out ends the session and offers another start`() async throws {
        let venue = try await TestVenue()
        let code = try await venue.coupon()
        let status = try await venue.send(.post, try await venue.enter(), form: "code=\(code.rawValue)").path()
        let out = try await venue.send(.post, status.replacing("/status", with: "/logout"))
        #expect(out.status == .seeOther)
        let page = try await venue.send(.get, try out.path())
        #expect(page.text.contains("signed out") && page.text.contains("/preauth?token="))
        #expect(venue.reconciler.calls.map(\.kind) == [.authorize, .deauthorize])
    }

    @Test func `an intercepted guest whose session runs is authorized again without a code`() async throws {
        let venue = try await TestVenue()
        let code = try await venue.coupon()
        _ = try await venue.send(.post, try await venue.enter(), form: "code=\(code.rawValue)")
        try venue.router.learn("AA:BB:CC:DD:EE:01", at: "10.5.50.2")
        let status = try await venue.enter()
        #expect(status.hasPrefix("/status?token="))
        #expect(try await venue.send(.get, status).text.contains("/logout?token="))
        #expect(venue.reconciler.calls.map(\.kind) == [.authorize, .authorize])
    }

    @Test func `a client that knows another guest's MAC address gets the page, and no session data`() async throws {
        let venue = try await TestVenue()
        let code = try await venue.coupon()
        _ = try await venue.send(.post, try await venue.enter(), form: "code=\(code.rawValue)")
        try venue.router.learn("AA:BB:CC:DD:EE:01", at: "10.5.50.2")
        try venue.router.learn("AA:BB:CC:DD:EE:66", at: "10.5.50.66")
        #expect(try await venue.enter(ip: "10.5.50.66").hasPrefix("/preauth?token="))
        #expect(venue.reconciler.marked.count == 1 && venue.reconciler.calls.count == 1)
    }

    @Test func `a client that knows both addresses of another guest cannot sign that guest out`() async throws {
        let venue = try await TestVenue()
        let code = try await venue.coupon()
        _ = try await venue.send(.post, try await venue.enter(), form: "code=\(code.rawValue)")
        try venue.router.learn("AA:BB:CC:DD:EE:01", at: "10.5.50.2")
        let entry = "/hotspot/\(venue.siteID.text)?mac=AA:BB:CC:DD:EE:01&ip=10.5.50.2"
        let status = try await venue.send(.get, entry, from: "10.5.50.66").path()
        #expect(try await !venue.send(.get, status).text.contains("/logout"))
        let refused = try await venue.send(.post, status.replacing("/status", with: "/logout"), from: "10.5.50.66")
        #expect(refused.status == .badRequest)
        #expect(try await venue.send(.get, status).text.contains("online"))
    }

    @Test func `an attempt with a guest's MAC address leaves the guest online`() async throws {
        let venue = try await TestVenue()
        let code = try await venue.coupon()
        let status = try await venue.send(.post, try await venue.enter(), form: "code=\(code.rawValue)").path()
        venue.reconciler.set(.refuses(.deviceMismatch))
        let forged = try await venue.enter(ip: "10.5.50.66")
        _ = try await venue.send(.post, forged, form: "code=\(try await venue.coupon().rawValue)", from: "10.5.50.66")
        #expect(try await venue.send(.get, status).text.contains("You’re online"))
    }

    @Test func `the eleventh wrong code waits, and another device does not`() async throws {
        let venue = try await TestVenue()
        let page = try await venue.enter()
        for _ in 0..<10 { _ = try await venue.send(.post, page, form: "code=ZZZZZZ") }
        let refused = try await venue.send(.post, page, form: "code=\(try await venue.coupon().rawValue)")
        #expect(refused.status == .tooManyRequests)
        #expect(refused.headers["Retry-After"] == "60")
        let other = try await venue.enter(mac: "AA:BB:CC:DD:EE:02", ip: "10.5.50.3")
        let welcome = try await venue.send(
            .post, other, form: "code=\(try await venue.coupon().rawValue)", from: "10.5.50.3")
        #expect(welcome.status == .seeOther)
    }

    @Test func `a page is in the guest's language, else the instance's`() async throws {
        let venue = try await TestVenue(locale: "fr")
        let page = try await venue.enter()
        let german = try await venue.send(.get, page, headers: ["Accept-Language": "de-CH, en;q=0.5"])
        let french = try await venue.send(.get, page, headers: ["Accept-Language": "xx"])
        #expect(try await venue.prepared(german).contains("<html lang=\"de\""))
        #expect(try await venue.prepared(french).contains("<html lang=\"fr\""))
    }
}

extension TestVenue {
    /// The bytes of a prepared response.
    func prepared(_ response: Response) async throws -> String { response.text }
}
