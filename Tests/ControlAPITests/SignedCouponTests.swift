import Captive
import Foundation
import HTTPServer
import Testing

@testable import ControlAPI

struct SignedCouponTests {
    /// A schedule that has run, and its signed address without the origin.
    private static func signed(
        _ desk: Desk, _ count: Int = 3, name: String = "generate_url"
    ) async throws -> (path: String, target: String) {
        let body = CouponScheduleTests.daily.replacing("20", with: "\(count)")
        let (path, _) = try await CouponScheduleTests.made(desk, body)
        _ = try await desk.send(.post, path + "/run")
        let answer = try await desk.send(.get, "\(path)/\(name)")
        #expect(answer.status == 200 && answer.json.names == ["signed_url"])
        let url = answer.text("signed_url")
        #expect(url.hasPrefix(Desk.publicURL + "/captive/coupons?sid="))
        return (path, String(url.dropFirst(Desk.publicURL.count)))
    }

    @Test(arguments: ["generate_url", "generate-url"])
    func `a signed address lists the schedule's coupons without a token`(name: String) async throws {
        let desk = try await Desk()
        let (path, target) = try await Self.signed(desk, name: name)
        _ = try await desk.send(
            .post, path.components(separatedBy: "/coupon-schedules")[0] + "/coupons", #"{"minutes_valid":9,"count":2}"#)
        for target in [target, String(target.dropFirst("/captive".count))] {
            let answer = try await desk.send(.get, target, token: "")
            #expect(answer.status == 200 && answer.rows.count == 3)
            #expect(answer.rows.first?.names == ["id", "code", "expires_at", "redeemed_at", "created_at"])
            #expect(answer.headers["Content-Type"] == "application/json")
            #expect(answer.headers["Cache-Control"] == "private, no-store")
            #expect(answer.headers["Referrer-Policy"] == "no-referrer" && answer.headers["X-Robots-Tag"] == "noindex")
        }
    }

    @Test func `coupons that have expired are not listed`() async throws {
        let desk = try await Desk()
        let (_, target) = try await Self.signed(desk)
        desk.time.advance(480 * 60)
        #expect(try await desk.send(.get, target, token: "").text == "[]")
    }

    @Test func `a signed address works for a day`() async throws {
        let desk = try await Desk()
        let (_, target) = try await Self.signed(desk)
        desk.time.advance(86_399)
        #expect(try await desk.send(.get, target, token: "").status == 200)
        desk.time.advance(1)
        let answer = try await desk.send(.get, target, token: "")
        #expect(answer.status == 403 && answer.text("code") == "signature_expired")
        #expect(answer.text("type") == "permission_error")
    }

    @Test func `an address that was changed or cut is refused`() async throws {
        let desk = try await Desk()
        let (path, target) = try await Self.signed(desk)
        let (_, other) = try await Self.signed(desk)
        let sid = { (target: String) in String(target.split(separator: "=")[1].prefix(36)) }
        let id = sid(target)
        let forged = [
            target.replacing(id, with: sid(other)), target.replacing("expires=1", with: "expires=2"),
            String(target.dropLast()), target + "0", "/captive/coupons", target.replacing("sid=", with: "id="),
            "/captive/coupons?sid=\(id)", target.replacing("signature=", with: "signature=0"),
            target.replacing("expires=", with: "expires=-"), target.replacing("expires=", with: "expires=9999999999"),
        ]
        for target in forged {
            let answer = try await desk.send(.get, target, token: "")
            #expect(answer.status == 403 && answer.text("code") == "signature_invalid", "\(target)")
            #expect(!answer.text.contains(id))
        }
        _ = try await desk.send(.delete, path)
        #expect(try await desk.send(.get, target, token: "").status == 404)
    }

    @Test func `a long list goes on under an address that is signed too`() async throws {
        let desk = try await Desk()
        let (path, target) = try await Self.signed(desk, 500)
        _ = try await desk.send(.post, path + "/run")
        let first = try await desk.send(.get, target, token: "")
        #expect(first.rows.count == 500)
        let link = try #require(first.headers["Link"])
        let next = try #require(link.split(separator: ">").first?.dropFirst(1 + Desk.publicURL.count))
        let second = try await desk.send(.get, String(next), token: "")
        #expect(second.rows.count == 500 && second.headers["Link"] == nil)
        #expect(Set((first.rows + second.rows).map { $0["code"]?.string }).count == 1_000)
    }

    @Test func `no log line holds an address or a code`() async throws {
        let desk = try await Desk()
        let (_, target) = try await Self.signed(desk)
        let listed = try await desk.send(.get, target, token: "")
        let signature = try #require(target.components(separatedBy: "signature=").last)
        let lines = desk.log.lines.joined(separator: "\n")
        #expect(!lines.isEmpty && !lines.contains(signature))
        for row in listed.rows { #expect(!lines.contains(row["code"]?.string ?? "?")) }
    }

    @Test(arguments: [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true), ("text/html", true),
        ("*/*", false), ("", false), ("application/json", false), ("application/json, text/html;q=0.9", false),
        ("text/html;q=0.5, application/json;q=0.4", true), ("text/*, */*;q=0.1", true), ("text/html;q=x", false),
        ("text/html;q=0, */*", false),
    ])
    func `a page is for who wants one more than JSON`(accept: String, page: Bool) {
        #expect(AcceptedMedia(accept).prefers("text/html", to: "application/json") == page)
    }
}
