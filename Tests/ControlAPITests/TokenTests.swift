import Captive
import Crypto
import Foundation
import HTTPServer
import Storage
import Testing

@testable import ControlAPI

struct TokenTests {
    static let target = "/captive/instances"

    @Test func `a request without a token is rejected with a challenge`() async throws {
        let api = try await APIFixture()
        let none = try await api.send(.get, Self.target, token: "")
        #expect(none.status == 401)
        #expect(none.text("code") == "token_missing")
        #expect(none.text("type") == "authentication_error")
        #expect(none.headers["WWW-Authenticate"]?.hasPrefix("Bearer ") == true)
        for value in ["Basic dXNlcjpwYXNz", "Bearer", "Bearer ", api.token] {
            let response = try await api.send(.get, Self.target, token: "", headers: ["Authorization": value])
            #expect(response.text("code") == "token_missing")
        }
        let lower = try await api.send(
            .get, Self.target, token: "", headers: ["authorization": "bearer \(api.token)"])
        #expect(lower.status == 200)
    }

    @Test func `all routes except the description and signed coupons require a token`() async throws {
        let api = try await APIFixture()
        let open: Set = ["/captive/openapi.json", "/captive/docs", "/captive/coupons", "/coupons"]
        for route in api.controlAPI.routes {
            let path = route.pattern.replacing(#/\{\w+\}/#, with: SiteTests.id)
            let isOpen = try await api.send(route.method, path, token: "").status != 401
            #expect(isOpen == open.contains(path), "\(path)")
        }
    }

    @Test func `scopes limit a token to reading or writing`() async throws {
        let api = try await APIFixture()
        let (reader, writer) = (try await api.token(.default, [.read]), try await api.token(.default, [.write]))
        #expect(try await api.send(.get, Self.target, token: reader).status == 200)
        let refused = try await api.send(.post, Self.target, InstanceTests.coupon, token: reader)
        #expect(refused.status == 403)
        #expect(refused.text("code") == "scope_missing")
        #expect(refused.text("message").contains("captive:write"))
        #expect(refused.headers["WWW-Authenticate"]?.contains("insufficient_scope") == true)
        #expect(try await api.send(.post, Self.target, InstanceTests.coupon, token: writer).status == 201)
        #expect(try await api.send(.get, Self.target, token: writer).status == 403)
    }

    @Test func `a token expires`() async throws {
        let api = try await APIFixture()
        let token = try await api.token(lifetime: 60)
        api.time.advance(59)
        #expect(try await api.send(.get, Self.target, token: token).status == 200)
        api.time.advance(1)
        let response = try await api.send(.get, Self.target, token: token)
        #expect(response.status == 401)
        #expect(response.text("code") == "token_expired")
    }

    @Test func `a revocation in this process takes effect immediately`() async throws {
        let api = try await APIFixture()
        let token = try await api.token()
        #expect(try await api.send(.get, Self.target, token: token).status == 200)
        #expect(try await api.revocations.revoke(Self.id(of: token), now: api.time.now))
        #expect(try await api.send(.get, Self.target, token: token).text("code") == "token_invalid")
        #expect(try await api.send(.get, Self.target).status == 200)
        #expect(try await !api.revocations.revoke(UUID(), now: api.time.now))
    }

    @Test func `a revocation by another process takes effect within seconds`() async throws {
        let api = try await APIFixture()
        let token = try await api.token()
        #expect(try await api.send(.get, Self.target, token: token).status == 200)
        #expect(try await api.store.revokeToken(Self.id(of: token), now: api.time.now))
        api.time.advance(TokenRevocations.cacheTTL)
        #expect(try await api.send(.get, Self.target, token: token).text("code") == "token_invalid")
    }

    @Test func `an altered token is rejected`() async throws {
        let api = try await APIFixture()
        let parts = api.token.split(separator: ".").map(String.init)
        let other = try await api.token(try #require(Workspace(rawValue: "other"))).split(separator: ".")
        let none = Base64URL.encode(Array(#"{"alg":"none","typ":"JWT"}"#.utf8))
        let forged = [
            "\(parts[0]).\(other[1]).\(parts[2])", "\(none).\(parts[1]).", "\(none).\(parts[1]).\(parts[2])",
            "\(parts[0]).\(parts[1])", "\(parts[0]).\(parts[1]).", "x", "..", String(repeating: "a", count: 10_000),
        ]
        for token in forged {
            #expect(try await api.send(.get, Self.target, token: token).text("code") == "token_invalid")
        }
    }

    @Test func `a token signed with another portal's key is rejected`() async throws {
        let (api, other) = (try await APIFixture(), try await APIFixture(keys: [[UInt8](repeating: 9, count: 32)]))
        let response = try await api.send(.get, Self.target, token: other.token)
        #expect(response.text("code") == "token_invalid")
        #expect(response.headers["WWW-Authenticate"]?.contains("invalid_token") == true)
    }

    @Test func `a token survives a key rotation`() async throws {
        let old = try await APIFixture()
        let new = try await APIFixture(keys: [[UInt8](repeating: 9, count: 32), APIFixture.key])
        try await Self.record(Self.id(of: old.token), new)
        #expect(try await new.send(.get, Self.target, token: old.token).status == 200)
    }

    @Test func `a token requires a workspace, an ID and an expiry, but no key ID`() async throws {
        let api = try await APIFixture()
        let id = UUID().text
        let whole = #"{"sub":"x","workspace":"default","scope":"captive:read","exp":4000000000,"jti":"\#(id)"}"#
        try await Self.record(try #require(UUID(uuidString: id)), api)
        #expect(try await api.send(.get, Self.target, token: Self.sign(whole, api)).status == 200)
        let lacking = [
            #"{"sub":"x","scope":"captive:read","exp":4000000000,"jti":"\#(id)"}"#,
            #"{"sub":"x","workspace":"default","scope":"captive:read","jti":"\#(id)"}"#,
            #"{"sub":"x","workspace":"default","scope":"captive:read","exp":4000000000}"#,
            #"{"sub":"x","workspace":"Not/One","scope":"captive:read","exp":4000000000,"jti":"\#(id)"}"#,
        ]
        for claims in lacking {
            let response = try await api.send(.get, Self.target, token: Self.sign(claims, api))
            #expect(response.text("code") == "token_invalid")
        }
    }

    @Test func `a token from another database is rejected`() async throws {
        let (one, two) = (try await APIFixture(), try await APIFixture())
        #expect(try await one.send(.get, Self.target, token: one.token).status == 200)
        let response = try await two.send(.get, Self.target, token: one.token)
        #expect(response.status == 401 && response.text("code") == "token_invalid")
    }

    @Test func `a token is rejected before its nbf`() async throws {
        let api = try await APIFixture()
        let id = UUID()
        try await Self.record(id, api)
        let start = Int(api.time.now.timeIntervalSince1970) + 600
        let claims = """
            {"sub":"x","workspace":"default","scope":"captive:read","exp":4000000000,"nbf":\(start),"jti":"\(id.text)"}
            """
        let early = try await api.send(.get, Self.target, token: Self.sign(claims, api))
        #expect(early.text("code") == "token_invalid")
        api.time.advance(600)
        #expect(try await api.send(.get, Self.target, token: Self.sign(claims, api)).status == 200)
    }

    @Test func `resources of another workspace are not found`() async throws {
        let api = try await APIFixture()
        let other = try await api.token(try #require(Workspace(rawValue: "other")))
        let integration = try await api.send(.post, "/captive/auth-integrations", AuthIntegrationTests.github).text(
            "id")
        let instance = try await api.send(.post, "/captive/instances", InstanceTests.coupon).text("id")
        _ = try await api.send(.put, SiteTests.target, SiteTests.body())
        let paths = [
            "/captive/auth-integrations/\(integration)", "/captive/instances/\(instance)",
            "/captive/instances/\(instance)/coupons", SiteTests.target, SiteTests.target + "/health",
        ]
        for path in paths {
            #expect(try await api.send(.get, path, token: other).text("code") == "resource_not_found")
        }
        for path in ["/captive/auth-integrations", "/captive/instances", "/captive/sites"] {
            #expect(try await api.send(.get, path, token: other).text == "[]")
        }
        #expect(try await api.send(.put, paths[0], AuthIntegrationTests.github, token: other).status == 404)
        #expect(try await api.send(.put, paths[1], InstanceTests.coupon, token: other).status == 404)
        let coupons = #"{"minutes_valid":1,"count":1}"#
        #expect(try await api.send(.post, paths[2], coupons, token: other).status == 404)
        for path in [paths[0], paths[1], paths[3]] {
            #expect(try await api.send(.delete, path, token: other).status == 404)
        }
        let borrowed = #"{"name":"x","strategy":"oauth2","session_ttl":1200,"auth_integration_id":"\#(integration)"}"#
        #expect(try await api.send(.post, "/captive/instances", borrowed, token: other).status == 400)
    }

    private static func record(_ id: UUID, _ api: APIFixture) async throws {
        try await api.store.record(
            APIToken(
                id: id, workspace: .default, scopes: [.read], createdAt: api.time.now,
                expiresAt: api.time.now + 3_600))
    }

    static func id(of token: String) throws -> UUID {
        let payload = try #require(
            token.split(separator: ".").dropFirst().first.flatMap { Base64URL.decode(String($0)) })
        return try #require(UUID(uuidString: try JSONParser.parse(payload)["jti"]?.string ?? ""))
    }

    /// HS256 without a `kid`, made by hand.
    static func sign(_ claims: String, _ api: APIFixture) -> String {
        let head = Base64URL.encode(Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8))
        let text = head + "." + Base64URL.encode(Array(claims.utf8))
        let key = api.sealer.derivedKey(for: "api-tokens")
        return text + "." + Base64URL.encode(Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key)))
    }
}
