import Captive
import Crypto
import Foundation
import HTTPServer
import Storage
import Testing

@testable import ControlAPI

struct TokenTests {
    static let target = "/captive/instances"

    @Test func `a request without a token is told how to send one`() async throws {
        let desk = try await Desk()
        let none = try await desk.send(.get, Self.target, token: "")
        #expect(none.status == 401)
        #expect(none.text("code") == "token_missing")
        #expect(none.text("type") == "authentication_error")
        #expect(none.headers["WWW-Authenticate"]?.hasPrefix("Bearer ") == true)
        for value in ["Basic dXNlcjpwYXNz", "Bearer", "Bearer ", desk.token] {
            let answer = try await desk.send(.get, Self.target, token: "", headers: ["Authorization": value])
            #expect(answer.text("code") == "token_missing")
        }
        let lower = try await desk.send(
            .get, Self.target, token: "", headers: ["authorization": "bearer \(desk.token)"])
        #expect(lower.status == 200)
    }

    @Test func `every route but the description and the signed coupons needs a token`() async throws {
        let desk = try await Desk()
        let open: Set = ["/captive/openapi.json", "/captive/docs", "/captive/coupons", "/coupons"]
        for route in desk.api.routes {
            let path = route.pattern.replacing(#/\{\w+\}/#, with: SiteTests.id)
            let isOpen = try await desk.send(route.method, path, token: "").status != 401
            #expect(isOpen == open.contains(path), "\(path)")
        }
    }

    @Test func `scopes say what a token may do`() async throws {
        let desk = try await Desk()
        let (reader, writer) = (try await desk.token(.default, [.read]), try await desk.token(.default, [.write]))
        #expect(try await desk.send(.get, Self.target, token: reader).status == 200)
        let refused = try await desk.send(.post, Self.target, InstanceTests.coupon, token: reader)
        #expect(refused.status == 403)
        #expect(refused.text("code") == "scope_missing")
        #expect(refused.text("message").contains("captive:write"))
        #expect(refused.headers["WWW-Authenticate"]?.contains("insufficient_scope") == true)
        #expect(try await desk.send(.post, Self.target, InstanceTests.coupon, token: writer).status == 201)
        #expect(try await desk.send(.get, Self.target, token: writer).status == 403)
    }

    @Test func `a token ends when its time is over`() async throws {
        let desk = try await Desk()
        let token = try await desk.token(lifetime: 60)
        desk.time.advance(59)
        #expect(try await desk.send(.get, Self.target, token: token).status == 200)
        desk.time.advance(1)
        let answer = try await desk.send(.get, Self.target, token: token)
        #expect(answer.status == 401)
        #expect(answer.text("code") == "token_expired")
    }

    @Test func `a revocation in this process counts at once`() async throws {
        let desk = try await Desk()
        let token = try await desk.token()
        #expect(try await desk.send(.get, Self.target, token: token).status == 200)
        #expect(try await desk.revocations.revoke(Self.id(of: token), now: desk.time.now))
        #expect(try await desk.send(.get, Self.target, token: token).text("code") == "token_invalid")
        #expect(try await desk.send(.get, Self.target).status == 200)
        #expect(try await !desk.revocations.revoke(UUID(), now: desk.time.now))
    }

    @Test func `a revocation elsewhere counts within seconds`() async throws {
        let desk = try await Desk()
        let token = try await desk.token()
        #expect(try await desk.send(.get, Self.target, token: token).status == 200)
        #expect(try await desk.store.revokeToken(Self.id(of: token), now: desk.time.now))
        desk.time.advance(TokenRevocations.cacheTTL)
        #expect(try await desk.send(.get, Self.target, token: token).text("code") == "token_invalid")
    }

    @Test func `a token that was changed is refused`() async throws {
        let desk = try await Desk()
        let parts = desk.token.split(separator: ".").map(String.init)
        let other = try await desk.token(try #require(Workspace(rawValue: "other"))).split(separator: ".")
        let none = Base64URL.encode(Array(#"{"alg":"none","typ":"JWT"}"#.utf8))
        let forged = [
            "\(parts[0]).\(other[1]).\(parts[2])", "\(none).\(parts[1]).", "\(none).\(parts[1]).\(parts[2])",
            "\(parts[0]).\(parts[1])", "\(parts[0]).\(parts[1]).", "x", "..", String(repeating: "a", count: 10_000),
        ]
        for token in forged {
            #expect(try await desk.send(.get, Self.target, token: token).text("code") == "token_invalid")
        }
    }

    @Test func `a token signed with another portal's key is refused`() async throws {
        let (desk, stranger) = (try await Desk(), try await Desk(keys: [[UInt8](repeating: 9, count: 32)]))
        let answer = try await desk.send(.get, Self.target, token: stranger.token)
        #expect(answer.text("code") == "token_invalid")
        #expect(answer.headers["WWW-Authenticate"]?.contains("invalid_token") == true)
    }

    @Test func `a token outlives the rotation of keys`() async throws {
        let old = try await Desk()
        let new = try await Desk(keys: [[UInt8](repeating: 9, count: 32), Desk.key])
        try await Self.record(Self.id(of: old.token), new)
        #expect(try await new.send(.get, Self.target, token: old.token).status == 200)
    }

    @Test func `a signed token needs no key id, but a workspace, an id and an end`() async throws {
        let desk = try await Desk()
        let id = UUID().text
        let whole = #"{"sub":"x","workspace":"default","scope":"captive:read","exp":4000000000,"jti":"\#(id)"}"#
        try await Self.record(try #require(UUID(uuidString: id)), desk)
        #expect(try await desk.send(.get, Self.target, token: Self.sign(whole, desk)).status == 200)
        let lacking = [
            #"{"sub":"x","scope":"captive:read","exp":4000000000,"jti":"\#(id)"}"#,
            #"{"sub":"x","workspace":"default","scope":"captive:read","jti":"\#(id)"}"#,
            #"{"sub":"x","workspace":"default","scope":"captive:read","exp":4000000000}"#,
            #"{"sub":"x","workspace":"Not/One","scope":"captive:read","exp":4000000000,"jti":"\#(id)"}"#,
        ]
        for claims in lacking {
            let answer = try await desk.send(.get, Self.target, token: Self.sign(claims, desk))
            #expect(answer.text("code") == "token_invalid")
        }
    }

    @Test func `a token that is on record in another database only is refused`() async throws {
        let (one, two) = (try await Desk(), try await Desk())
        #expect(try await one.send(.get, Self.target, token: one.token).status == 200)
        let answer = try await two.send(.get, Self.target, token: one.token)
        #expect(answer.status == 401 && answer.text("code") == "token_invalid")
    }

    @Test func `a token that is not valid yet is refused`() async throws {
        let desk = try await Desk()
        let id = UUID()
        try await Self.record(id, desk)
        let start = Int(desk.time.now.timeIntervalSince1970) + 600
        let claims = """
            {"sub":"x","workspace":"default","scope":"captive:read","exp":4000000000,"nbf":\(start),"jti":"\(id.text)"}
            """
        let early = try await desk.send(.get, Self.target, token: Self.sign(claims, desk))
        #expect(early.text("code") == "token_invalid")
        desk.time.advance(600)
        #expect(try await desk.send(.get, Self.target, token: Self.sign(claims, desk)).status == 200)
    }

    @Test func `another workspace's resources are not there`() async throws {
        let desk = try await Desk()
        let other = try await desk.token(try #require(Workspace(rawValue: "other")))
        let integration = try await desk.send(.post, "/captive/auth-integrations", AuthIntegrationTests.github).text(
            "id")
        let instance = try await desk.send(.post, "/captive/instances", InstanceTests.coupon).text("id")
        _ = try await desk.send(.put, SiteTests.target, SiteTests.body())
        let paths = [
            "/captive/auth-integrations/\(integration)", "/captive/instances/\(instance)",
            "/captive/instances/\(instance)/coupons", SiteTests.target, SiteTests.target + "/health",
        ]
        for path in paths {
            #expect(try await desk.send(.get, path, token: other).text("code") == "resource_not_found")
        }
        for path in ["/captive/auth-integrations", "/captive/instances", "/captive/sites"] {
            #expect(try await desk.send(.get, path, token: other).text == "[]")
        }
        #expect(try await desk.send(.put, paths[0], AuthIntegrationTests.github, token: other).status == 404)
        #expect(try await desk.send(.put, paths[1], InstanceTests.coupon, token: other).status == 404)
        let coupons = #"{"minutes_valid":1,"count":1}"#
        #expect(try await desk.send(.post, paths[2], coupons, token: other).status == 404)
        for path in [paths[0], paths[1], paths[3]] {
            #expect(try await desk.send(.delete, path, token: other).status == 404)
        }
        let borrowed = #"{"name":"x","strategy":"oauth2","session_ttl":1200,"auth_integration_id":"\#(integration)"}"#
        #expect(try await desk.send(.post, "/captive/instances", borrowed, token: other).status == 400)
    }

    private static func record(_ id: UUID, _ desk: Desk) async throws {
        try await desk.store.record(
            APIToken(
                id: id, workspace: .default, scopes: [.read], createdAt: desk.time.now,
                expiresAt: desk.time.now + 3_600))
    }

    static func id(of token: String) throws -> UUID {
        let payload = try #require(
            token.split(separator: ".").dropFirst().first.flatMap { Base64URL.decode(String($0)) })
        return try #require(UUID(uuidString: try JSONParser.parse(payload)["jti"]?.string ?? ""))
    }

    /// HS256 without a `kid`, made by hand.
    static func sign(_ claims: String, _ desk: Desk) -> String {
        let head = Base64URL.encode(Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8))
        let text = head + "." + Base64URL.encode(Array(claims.utf8))
        let key = desk.sealer.derivedKey(for: "api-tokens")
        return text + "." + Base64URL.encode(Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key)))
    }
}
