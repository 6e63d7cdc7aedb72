import Captive
import Foundation
import HTTPServer
import NetworkAddress
import Storage
import Testing

@testable import GuestPortal

/// A guest whose device changes its MAC address or IP address, or who enters another code.
@Suite struct ResumeTests {
    private static let (old, new) = (("AA:BB:CC:DD:EE:01", "10.5.50.2"), ("AA:BB:CC:DD:EE:77", "10.5.50.77"))

    /// A guest who is online, with its browser's cookie and the code on its page.
    private struct Guest {
        let status: String
        let cookie: String
        let code: String
    }

    private func online(_ venue: TestVenue, _ place: (String, String) = old) async throws -> Guest {
        try venue.router.learn(place.0, at: place.1)
        let page = try await venue.enter(mac: place.0, ip: place.1)
        let code = try await venue.coupon()
        let status = try await venue.send(.post, page, form: "code=\(code.rawValue)", from: place.1).path()
        return try await look(venue, status, from: place.1)
    }

    private func look(_ venue: TestVenue, _ status: String, from address: String) async throws -> Guest {
        let page = try await venue.send(.get, status, from: address)
        #expect(page.text.contains("You’re online"))
        let field = try #require(page.headers["Set-Cookie"])
        let code = try #require(page.text.firstMatch(of: #/<code dir="ltr">([^<]+)</code>/#)).output.1
        return Guest(status: status, cookie: String(field.prefix { $0 != ";" }), code: String(code))
    }

    private func enter(
        _ venue: TestVenue, _ place: (String, String), cookie: String, from address: String? = nil
    ) async throws -> String {
        let target = "/hotspot/\(venue.siteID.text)?mac=\(place.0)&ip=\(place.1)"
        return try await venue.send(.get, target, from: address ?? place.1, headers: ["Cookie": cookie]).path()
    }

    private func clients(_ venue: TestVenue) -> [GatewayClient] {
        venue.reconciler.calls.filter { $0.kind == .authorize }.map(\.client)
    }

    @Test func `a browser with a resume cookie resumes at once after a change of MAC address`() async throws {
        let venue = try await TestVenue()
        let guest = try await online(venue)
        venue.clock.advance(by: 600)
        try venue.router.learn(Self.new.0, at: Self.new.1)
        let status = try await enter(venue, Self.new, cookie: guest.cookie)
        #expect(status.hasPrefix("/status?token="))
        #expect(try await venue.send(.get, status, from: Self.new.1).text.contains("50 minutes"))
        let calls = venue.reconciler.calls.suffix(2)
        #expect(calls.map(\.kind) == [.authorize, .deauthorize])
        #expect(calls.map { "\($0.client.mac)" } == [Self.new.0, Self.old.0])
    }

    @Test func `the resume cookie is sealed, and scripts and forms of other sites cannot use it`() async throws {
        let venue = try await TestVenue()
        try venue.router.learn(Self.old.0, at: Self.old.1)
        let code = try await venue.coupon()
        let status = try await venue.send(.post, try await venue.enter(), form: "code=\(code.rawValue)").path()
        let field = try #require(try await venue.send(.get, status).headers["Set-Cookie"])
        #expect(field.hasPrefix("portico-stay=") && field.hasSuffix("; Path=/; HttpOnly; SameSite=Lax; Max-Age=3600"))
        #expect(ResumeCookie.field("x", seconds: 1, isSecure: true).hasPrefix("__Host-portico-stay=x; Path=/;"))
        #expect(ResumeCookie.field("x", seconds: 1, isSecure: true).hasSuffix("; Secure"))
        let forged = try await enter(venue, Self.new, cookie: "portico-stay=" + String(repeating: "A", count: 80))
        #expect(forged.hasPrefix("/preauth?token="))
    }

    @Test func `a link with another device's addresses does not use the resume cookie`() async throws {
        let venue = try await TestVenue()
        let guest = try await online(venue)
        let thief = ("AA:BB:CC:DD:EE:66", "10.5.50.66")
        try venue.router.learn(thief.0, at: thief.1)
        let lured = try await enter(venue, thief, cookie: guest.cookie, from: Self.old.1)
        #expect(lured.hasPrefix("/preauth?token="))
        #expect(clients(venue).count == 1)
    }

    @Test func `behind one address for all devices, a browser resumes after its old device has left`() async throws {
        let venue = try await TestVenue()
        let guest = try await online(venue)
        try venue.router.learn(Self.new.0, at: Self.new.1)
        #expect(try await enter(venue, Self.new, cookie: guest.cookie, from: "192.0.2.1").hasPrefix("/preauth"))
        try venue.router.forget(Self.old.1)
        let question = try await enter(venue, Self.new, cookie: guest.cookie, from: "192.0.2.1")
        #expect(question.hasPrefix("/resume?token="))
        let cookie: Headers = ["Cookie": guest.cookie]
        let asked = try await venue.send(.get, question, from: "192.0.2.1", headers: cookie)
        #expect(asked.text.contains("Continue on this device?") && asked.text.contains("1 hour"))
        #expect(clients(venue).count == 1, "nothing moves before the guest says so")
        let moved = try await venue.send(.post, question, form: "", from: "192.0.2.1", headers: cookie)
        #expect(try moved.path().hasPrefix("/status"))
        #expect(clients(venue).last.map { "\($0.mac)" } == Self.new.0)
    }

    @Test func `an address that the router does not know costs the guest nothing`() async throws {
        let venue = try await TestVenue()
        let guest = try await online(venue)
        #expect(try await enter(venue, Self.new, cookie: guest.cookie).hasPrefix("/preauth"))
        let page = try await venue.enter(mac: Self.new.0, ip: Self.new.1)
        let refused = try await venue.send(.post, page, form: "code=\(guest.code)", from: Self.new.1)
        #expect(refused.status == .ok && refused.text.contains("can’t see your device yet"))
        #expect(try await venue.send(.get, guest.status).text.contains("You’re online"))
    }

    @Test func `without cookies the code from the status page resumes the session, once`() async throws {
        let venue = try await TestVenue()
        let guest = try await online(venue)
        venue.clock.advance(by: 600)
        try venue.router.learn(Self.new.0, at: Self.new.1)
        let page = try await venue.enter(mac: Self.new.0, ip: Self.new.1)
        let typed = guest.code.lowercased().replacing("-", with: " ")
        let accepted = try await venue.send(.post, page, form: "code=\(typed)", from: Self.new.1)
        #expect(accepted.status == .seeOther)
        let moved = try await look(venue, try accepted.path(), from: Self.new.1)
        #expect(moved.code != guest.code && moved.cookie != guest.cookie)
        let third = try await venue.enter(mac: "AA:BB:CC:DD:EE:78", ip: "10.5.50.78")
        let again = try await venue.send(.post, third, form: "code=\(guest.code)", from: "10.5.50.78")
        #expect(again.status == .unprocessableContent)
    }

    @Test func `the previous device reads where its time went, and can end nothing`() async throws {
        let venue = try await TestVenue()
        let guest = try await online(venue)
        try venue.router.learn(Self.new.0, at: Self.new.1)
        let status = try await enter(venue, Self.new, cookie: guest.cookie)
        let left = try await venue.send(.get, guest.status)
        #expect(left.text.contains("Your time goes on elsewhere") && left.headers["Set-Cookie"] == nil)
        #expect(left.text.contains("It was moved to another device. If"), "no code was entered")
        let refused = try await venue.send(.post, guest.status.replacing("/status", with: "/logout"))
        #expect(refused.status == .badRequest)
        #expect(try await venue.send(.get, status, from: Self.new.1).text.contains("You’re online"))
        // The cookie of its browser is not valid any more, so two browsers do not take the session from each other
        // forever.
        #expect(try await enter(venue, Self.old, cookie: guest.cookie).hasPrefix("/preauth"))
    }

    @Test func `the previous device also reads it at the entry, while its time runs elsewhere`() async throws {
        let venue = try await TestVenue()
        let guest = try await online(venue)
        try venue.router.learn(Self.new.0, at: Self.new.1)
        _ = try await enter(venue, Self.new, cookie: guest.cookie)
        let entry = try await venue.enter(mac: Self.old.0, ip: Self.old.1)
        #expect(entry.hasSuffix("&after=moved"))
        let page = try await venue.send(.get, entry).text
        #expect(page.contains("Your time goes on elsewhere") && page.contains("name=\"code\""))
        #expect(try await !venue.enter(mac: "AA:BB:CC:DD:EE:99", ip: "10.5.50.99").contains("after"))
        // A session that began after that has its own ending.
        let code = try await venue.coupon()
        _ = try await venue.send(.post, entry, form: "code=\(code.rawValue)")
        venue.clock.advance(by: 3_601)
        #expect(try await venue.enter(mac: Self.old.0, ip: Self.old.1).hasSuffix("&after=expired"))
    }

    @Test func `a session that moves too often has to wait`() async throws {
        let venue = try await TestVenue()
        var guest = try await online(venue)
        for number in 0..<3 {
            let place = ("AA:BB:CC:DD:EE:8\(number)", "10.5.50.8\(number)")
            try venue.router.learn(place.0, at: place.1)
            guest = try await look(venue, try await enter(venue, place, cookie: guest.cookie), from: place.1)
        }
        try venue.router.learn(Self.new.0, at: Self.new.1)
        let page = try await venue.enter(mac: Self.new.0, ip: Self.new.1)
        let refused = try await venue.send(.post, page, form: "code=\(guest.code)", from: Self.new.1)
        #expect(refused.status == .tooManyRequests && refused.headers["Retry-After"] == "3600")
    }

    @Test func `a resume code on invented devices that the router does not confirm counts as attempts`() async throws {
        let venue = try await TestVenue()
        let guest = try await online(venue)
        venue.clock.advance(by: 120)
        venue.router.fail(.unsupported("it does not tell which device is where"))
        venue.reconciler.set(.refuses(.deviceNotSeen))
        for number in 0..<120 {
            let mac = "02:00:00:00:04:" + String(format: "%02X", number)
            let page = try await venue.enter(mac: mac, ip: "10.5.50.\(number + 100)")
            let answer = try await venue.send(.post, page, form: "code=\(guest.code)", from: "192.0.2.1")
            #expect(answer.status == .seeOther)
        }
        let client = GatewayClient(mac: try #require(MACAddress(Self.new.0)), ip: try #require(IPAddress(Self.new.1)))
        let next = CodeAttempt(
            siteID: venue.siteID, instanceID: venue.instance.id, client: client,
            source: try #require(IPAddress("192.0.2.1")))
        #expect(venue.portal.tries.begin(next, now: venue.clock.now) == .needsProof)
        #expect(try await venue.send(.get, guest.status).text.contains("You’re online"))
    }

    @Test func `the resume code of the device's own session proves it`() async throws {
        let venue = try await TestVenue()
        let guest = try await online(venue)
        let translated = "192.0.2.1"
        let entry = "/hotspot/\(venue.siteID.text)?mac=\(Self.old.0)&ip=\(Self.old.1)"
        let status = try await venue.send(.get, entry, from: translated).path()
        let text = try await venue.send(.get, status, from: translated).text
        let link = try #require(text.firstMatch(of: #/href="(\/preauth\?token=[^"]+)">Enter your code</#)).output.1
        let proved = try await venue.send(.post, String(link), form: "code=\(guest.code)", from: translated)
        #expect(proved.status == .seeOther)
        #expect(try await venue.send(.get, proved.path(), from: translated).text.contains("/logout"))
        let device = try #require(MACAddress(Self.old.0))
        #expect(try await venue.store.latestSession(of: device, at: venue.siteID)?.moves == 0)
    }

    @Test func `a code of another site's session is wrong here`() async throws {
        let (venue, other) = (try await TestVenue(), try await TestVenue())
        let guest = try await online(other)
        try venue.router.learn(Self.new.0, at: Self.new.1)
        let page = try await venue.enter(mac: Self.new.0, ip: Self.new.1)
        #expect(
            try await venue.send(.post, page, form: "code=\(guest.code)", from: Self.new.1).status
                == .unprocessableContent)
    }

    @Test func `a device with another address is not asked again`() async throws {
        let venue = try await TestVenue()
        _ = try await online(venue)
        try venue.router.learn(Self.old.0, at: "10.5.50.9")
        #expect(try await venue.enter(mac: Self.old.0, ip: "10.5.50.9").hasPrefix("/status"))
        #expect(clients(venue).map { "\($0.ip)" } == ["10.5.50.2", "10.5.50.9"])
        let device = try #require(MACAddress(Self.old.0))
        let session = try await venue.store.latestSession(of: device, at: venue.siteID)
        #expect(session.map { "\($0.client.ip)" } == "10.5.50.9")
    }

    @Test func `another code entered from the status page adds its time, and the old page leads to the new`()
        async throws
    {
        let venue = try await TestVenue()
        let guest = try await online(venue)
        venue.clock.advance(by: 600)
        let text = try await venue.send(.get, guest.status).text
        let link = try #require(text.firstMatch(of: #/href="(\/preauth\?token=[^"]+)"/#)).output.1
        let renewed = try await venue.send(
            .post, String(link), form: "code=\(try await venue.coupon().rawValue)")
        #expect(try await venue.send(.get, try renewed.path()).text.contains("1 hour 50 minutes"))
        let followed = try await venue.send(.get, guest.status)
        #expect(followed.status == .seeOther)
        #expect(try await venue.send(.get, try followed.path()).text.contains("1 hour 50 minutes"))
    }
}
