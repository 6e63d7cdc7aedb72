import Captive
import Foundation
import HTTPServer
import Pages
import Testing

/// Very many wrong codes arrive from invented devices while a guest has a correct code.
@Suite struct CrowdTests {
    enum RouterState: CaseIterable { case none, elsewhere, down }

    private func storm(_ venue: TestVenue, tries: Int, from address: String = "10.5.50.2") async throws {
        for number in 0..<tries {
            let mac = "02:00:00:00:00:" + String(format: "%02X", number)
            let ticket = try await venue.enter(mac: mac, ip: "10.5.50.\(number % 200 + 3)")
            _ = try await venue.send(.post, ticket, form: "code=ZZZZZZ", from: address)
        }
    }

    private func venue(_ router: RouterState) async throws -> TestVenue {
        let venue = try await TestVenue()
        switch router {
        case .none: venue.router.vanish()
        case .elsewhere: venue.router.fail(.unsupported("it does not tell which device is where"))
        case .down: venue.router.fail(.unreachable("no answer"))
        }
        return venue
    }

    @Test(arguments: RouterState.allCases)
    func `a correct code is accepted if no router can tell, even from the address of the attacker`(
        _ router: RouterState
    ) async throws {
        let venue = try await venue(router)
        try await storm(venue, tries: 122)
        let (page, code) = (try await venue.enter(), try await venue.coupon())
        let answer = try await venue.send(.post, page, form: "code=\(code.rawValue)")
        #expect(answer.status == .seeOther)
    }

    @Test func `a router that knows its devices decides which of them have an attempt`() async throws {
        let venue = try await TestVenue()
        try await storm(venue, tries: 120)
        let (page, code) = (try await venue.enter(), try await venue.coupon())
        let unknown = try await venue.send(.post, page, form: "code=\(code.rawValue)")
        #expect(unknown.status == .tooManyRequests && unknown.headers["Retry-After"] == "5")
        try venue.router.learn("AA:BB:CC:DD:EE:01", at: "10.5.50.2")
        let known = try await venue.send(.post, page, form: "code=\(code.rawValue)")
        #expect(known.status == .seeOther)
    }

    @Test func `concurrent attempts do not all pass`() async throws {
        let venue = try await TestVenue()
        let pages = try await (0..<150).mapAsync { number in
            try await venue.enter(mac: "02:00:00:00:01:" + String(format: "%02X", number), ip: "10.5.50.\(number + 3)")
        }
        let answers = try await withThrowingTaskGroup(of: HTTPServer.Status.self) { group in
            for page in pages {
                group.addTask { try await venue.send(.post, page, form: "code=ZZZZZZ").status }
            }
            return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
        #expect(answers == [.unprocessableContent: 120, .tooManyRequests: 30])
    }

    @Test func `correct codes do not count as guesses`() async throws {
        let venue = try await TestVenue()
        for number in 0..<125 {
            let mac = "02:00:00:00:02:" + String(format: "%02X", number)
            let page = try await venue.enter(mac: mac, ip: "10.5.50.\(number + 3)")
            let code = try await venue.coupon()
            #expect(try await venue.send(.post, page, form: "code=\(code.rawValue)").status == .seeOther)
        }
    }

    @Test func `one coupon on invented devices that the router does not confirm counts as attempts`() async throws {
        let venue = try await TestVenue()
        venue.reconciler.set(.refuses(.deviceNotSeen))
        let code = try await venue.coupon()
        var answers: [HTTPServer.Status] = []
        for number in 0..<121 {
            let mac = "02:00:00:00:03:" + String(format: "%02X", number)
            let page = try await venue.enter(mac: mac, ip: "10.5.50.\(number + 3)")
            let answer = try await venue.send(.post, page, form: "code=\(code.rawValue)")
            answers.append(answer.status)
            if number == 120 { #expect(answer.headers["Retry-After"] == "5" && answer.text.contains("Too many tries")) }
        }
        #expect(answers.prefix(120).allSatisfy { $0 == .seeOther } && answers.last == .tooManyRequests)
        let devices = Set(venue.reconciler.marked).count
        #expect(devices == 120, "the router is not called for a device whose attempt is refused")
    }
}

extension Sequence {
    fileprivate func mapAsync<T>(_ transform: (Element) async throws -> T) async rethrows -> [T] {
        var results: [T] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}

/// Limits on requests without a proof, each of which causes a look-up at a router.
@Suite struct LookUpLimitTests {
    @Test func `each source has its own budget of look-ups`() async throws {
        let venue = try await TestVenue()
        let entry = "/hotspot/\(venue.siteID.text)?ip=10.5.50.9"
        var statuses: [HTTPServer.Status: Int] = [:]
        for number in 0..<601 {
            let source = "2001:db8::\(String(number, radix: 16))"
            statuses[try await venue.send(.get, entry, from: source).status, default: 0] += 1
        }
        #expect(statuses[.tooManyRequests] == 1 && statuses[.notFound] == 600)
        try venue.router.learn("AA:BB:CC:DD:EE:09", at: "10.5.50.9")
        #expect(try await venue.send(.get, entry, from: "2001:db8:0:1::1").status == .found)
    }

    @Test func `look-ups for arbitrary addresses do not use up the budget of devices that return`() async throws {
        let venue = try await TestVenue()
        let (mac, translated) = ("AA:BB:CC:DD:EE:01", "192.0.2.1")
        try venue.router.learn(mac, at: "10.5.50.2")
        let code = try await venue.coupon()
        _ = try await venue.send(.post, try await venue.enter(), form: "code=\(code.rawValue)")
        let anonymous = "/hotspot/\(venue.siteID.text)?ip=10.5.50.99"
        for _ in 0..<600 { _ = try await venue.send(.get, anonymous, from: translated) }
        #expect(try await venue.send(.get, anonymous, from: translated).status == .tooManyRequests)
        let entry = "/hotspot/\(venue.siteID.text)?mac=\(mac)&ip=10.5.50.2"
        let back = try await venue.send(.get, entry, from: translated)
        #expect(try back.path().hasPrefix("/status?token="))
    }
}
