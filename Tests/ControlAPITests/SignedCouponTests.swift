import Captive
import Foundation
import HTTPServer
import Testing

@testable import ControlAPI

struct SignedCouponTests {
    /// A schedule that has run, and its signed URL without the origin.
    private static func signed(
        _ api: APIFixture, _ count: Int = 3, name: String = "generate_url"
    ) async throws -> (path: String, target: String) {
        let body = CouponScheduleTests.daily.replacing("20", with: "\(count)")
        let (path, _) = try await CouponScheduleTests.made(api, body)
        _ = try await api.send(.post, path + "/run")
        let response = try await api.send(.get, "\(path)/\(name)")
        #expect(response.status == 200 && response.json.names == ["signed_url"])
        let url = response.text("signed_url")
        #expect(url.hasPrefix(APIFixture.publicURL + "/captive/coupons?sid="))
        return (path, String(url.dropFirst(APIFixture.publicURL.count)))
    }

    @Test(arguments: ["generate_url", "generate-url"])
    func `a signed URL lists the schedule's coupons without a token`(name: String) async throws {
        let api = try await APIFixture()
        let (path, target) = try await Self.signed(api, name: name)
        _ = try await api.send(
            .post, path.components(separatedBy: "/coupon-schedules")[0] + "/coupons", #"{"minutes_valid":9,"count":2}"#)
        for target in [target, String(target.dropFirst("/captive".count))] {
            let response = try await api.send(.get, target, token: "")
            #expect(response.status == 200 && response.rows.count == 3)
            #expect(response.rows.first?.names == ["id", "code", "expires_at", "redeemed_at", "created_at"])
            #expect(response.headers["Content-Type"] == "application/json")
            #expect(response.headers["Cache-Control"] == "private, no-store")
            #expect(
                response.headers["Referrer-Policy"] == "no-referrer" && response.headers["X-Robots-Tag"] == "noindex")
        }
    }

    @Test func `expired coupons are not listed`() async throws {
        let api = try await APIFixture()
        let (_, target) = try await Self.signed(api)
        api.time.advance(480 * 60)
        #expect(try await api.send(.get, target, token: "").text == "[]")
    }

    @Test func `a signed URL expires after 24 hours`() async throws {
        let api = try await APIFixture()
        let (_, target) = try await Self.signed(api)
        api.time.advance(86_399)
        #expect(try await api.send(.get, target, token: "").status == 200)
        api.time.advance(1)
        let response = try await api.send(.get, target, token: "")
        #expect(response.status == 403 && response.text("code") == "signature_expired")
        #expect(response.text("type") == "permission_error")
    }

    @Test func `an altered or truncated URL is rejected`() async throws {
        let api = try await APIFixture()
        let (path, target) = try await Self.signed(api)
        let (_, other) = try await Self.signed(api)
        let sid = { (target: String) in String(target.split(separator: "=")[1].prefix(36)) }
        let id = sid(target)
        let forged = [
            target.replacing(id, with: sid(other)), target.replacing("expires=1", with: "expires=2"),
            String(target.dropLast()), target + "0", "/captive/coupons", target.replacing("sid=", with: "id="),
            "/captive/coupons?sid=\(id)", target.replacing("signature=", with: "signature=0"),
            target.replacing("expires=", with: "expires=-"), target.replacing("expires=", with: "expires=9999999999"),
        ]
        for target in forged {
            let response = try await api.send(.get, target, token: "")
            #expect(response.status == 403 && response.text("code") == "signature_invalid", "\(target)")
            #expect(!response.text.contains(id))
        }
        _ = try await api.send(.delete, path)
        #expect(try await api.send(.get, target, token: "").status == 404)
    }

    @Test func `the URL of the next page is signed too`() async throws {
        let api = try await APIFixture()
        let (path, target) = try await Self.signed(api, 500)
        _ = try await api.send(.post, path + "/run")
        let first = try await api.send(.get, target, token: "")
        #expect(first.rows.count == 500)
        let link = try #require(first.headers["Link"])
        let next = try #require(link.split(separator: ">").first?.dropFirst(1 + APIFixture.publicURL.count))
        let second = try await api.send(.get, String(next), token: "")
        #expect(second.rows.count == 500 && second.headers["Link"] == nil)
        #expect(Set((first.rows + second.rows).map { $0["code"]?.string }).count == 1_000)
    }

    @Test func `log lines contain no signatures and no codes`() async throws {
        let api = try await APIFixture()
        let (_, target) = try await Self.signed(api)
        let listed = try await api.send(.get, target, token: "")
        let signature = try #require(target.components(separatedBy: "signature=").last)
        let lines = api.log.lines.joined(separator: "\n")
        #expect(!lines.isEmpty && !lines.contains(signature))
        for row in listed.rows { #expect(!lines.contains(row["code"]?.string ?? "?")) }
    }

    @Test(arguments: [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true), ("text/html", true),
        ("*/*", false), ("", false), ("application/json", false), ("application/json, text/html;q=0.9", false),
        ("text/html;q=0.5, application/json;q=0.4", true), ("text/*, */*;q=0.1", true), ("text/html;q=x", false),
        ("text/html;q=0, */*", false),
    ])
    func `HTML is returned if it is preferred to JSON`(accept: String, page: Bool) {
        #expect(AcceptedMedia(accept).prefers("text/html", to: "application/json") == page)
    }
}
