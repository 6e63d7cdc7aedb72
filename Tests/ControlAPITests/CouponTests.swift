import Captive
import Foundation
import HTTPServer
import Testing

@testable import ControlAPI

struct CouponTests {
    static func instance(of api: APIFixture) async throws -> String {
        try await api.send(.post, "/captive/instances", InstanceTests.coupon).text("id")
    }

    @Test func `a batch of coupons is created and listed`() async throws {
        let api = try await APIFixture()
        let target = "/captive/instances/\(try await Self.instance(of: api))/coupons"
        let made = try await api.send(.post, target, #"{"minutes_valid":1440,"count":50}"#)
        #expect(made.status == 201)
        #expect(made.rows.count == 50)
        #expect(Set(made.rows.map { $0["code"]?.string ?? "" }).count == 50)
        for row in made.rows {
            #expect(row.names == ["id", "code", "expires_at", "redeemed_at", "created_at"])
            #expect(CouponCode(typed: row["code"]?.string ?? "") != nil)
            #expect(row["expires_at"] == "2025-10-30T12:00:00Z")
            #expect(row["redeemed_at"] == .null)
            #expect(row["created_at"] == "2025-10-29T12:00:00Z")
        }
        let listed = try await api.send(.get, target)
        #expect(Set(listed.rows.map { $0["id"]?.string }) == Set(made.rows.map { $0["id"]?.string }))
        api.time.advance(86_400)
        let later = try await api.token()
        #expect(try await api.send(.get, target, token: later).text == "[]")
    }

    @Test func `a coupon can be deleted once`() async throws {
        let api = try await APIFixture()
        let target = "/captive/instances/\(try await Self.instance(of: api))/coupons"
        let made = try await api.send(.post, target, #"{"minutes_valid":1,"count":2}"#)
        let id = made.rows.first?["id"]?.string ?? ""
        #expect(try await api.send(.delete, "\(target)/\(id)").status == 204)
        #expect(try await api.send(.delete, "\(target)/\(id)").status == 404)
        #expect(try await api.send(.get, target).rows.count == 1)
        let other = "/instances/\(try await Self.instance(of: api))/coupons"
        let kept = made.rows.last?["id"]?.string ?? ""
        #expect(try await api.send(.delete, "\(other)/\(kept)").status == 404)
    }

    @Test(arguments: [
        (#"{"count":1}"#, "minutes_valid"), (#"{"minutes_valid":1}"#, "count"),
        (#"{"minutes_valid":0,"count":1}"#, "minutes_valid"), (#"{"minutes_valid":1,"count":0}"#, "count"),
        (#"{"minutes_valid":1,"count":201}"#, "count"), (#"{"minutes_valid":1,"count":1,"code":"A"}"#, "code"),
    ])
    func `an invalid batch is rejected and the field named`(body: String, field: String) async throws {
        let api = try await APIFixture()
        let target = "/captive/instances/\(try await Self.instance(of: api))/coupons"
        let response = try await api.send(.post, target, body)
        #expect(response.status == 400)
        #expect(response.text("message").contains("'\(field)'"))
        #expect(try await api.send(.get, target).text == "[]")
    }

    @Test func `coupons of an unknown instance are not found`() async throws {
        let api = try await APIFixture()
        let target = "/captive/instances/\(UUID().text)/coupons"
        #expect(try await api.send(.get, target).status == 404)
        #expect(try await api.send(.post, target, #"{"minutes_valid":1,"count":1}"#).status == 404)
        #expect(try await api.send(.delete, "\(target)/\(UUID().text)").status == 404)
    }
}
