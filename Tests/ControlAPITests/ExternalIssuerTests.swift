import Captive
import Crypto
import Foundation
import HTTPServer
import Synchronization
import Testing

@testable import ControlAPI

struct ExternalIssuerTests {
    @Test func `a token of the external issuer is accepted`() async throws {
        let source = FakeIssuer()
        let api = try await Self.api(source)
        for _ in 1...2 { #expect(try await Self.status(Self.claims(), source, api) == 200) }
        #expect(source.fetches == 1)
        #expect(try await api.send(.get, TokenTests.target).status == 200)
    }

    @Test(arguments: [
        claims(issuer: "https://evil.example"), claims(audience: "\"shop\""), claims(workspace: "No/One"),
        claims(audience: "[]"), #"{"sub":"x"}"#,
    ])
    func `a token with other claims is rejected`(claims: String) async throws {
        let source = FakeIssuer()
        #expect(try await Self.status(claims, source, Self.api(source)) == 401)
    }

    @Test func `a token may have several audiences`() async throws {
        let source = FakeIssuer()
        #expect(try await Self.status(Self.claims(audience: #"["shop","portico"]"#), source, Self.api(source)) == 200)
    }

    @Test func `a new key is fetched, but unknown keys do not cause repeated fetches`() async throws {
        let source = FakeIssuer()
        let api = try await Self.api(source)
        #expect(try await Self.status(Self.claims(), source, api) == 200)
        source.rotate()
        api.time.advance(30)
        #expect(try await Self.status(Self.claims(), source, api) == 200)
        #expect(source.fetches == 2)
        let unknown = FakeIssuer(name: "unknown")
        for _ in 1...3 { #expect(try await Self.status(Self.claims(), unknown, api) == 401) }
        #expect(source.fetches == 2)
    }

    @Test func `the issuer's public key does not sign with HMAC`() async throws {
        let source = FakeIssuer()
        let head = Base64URL.encode(Array(#"{"alg":"HS256","kid":"\#(source.name)"}"#.utf8))
        let text = head + "." + Base64URL.encode(Array(Self.claims().utf8))
        let key = SymmetricKey(data: source.publicKey)
        let code = HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key)
        let response = try await Self.api(source).send(
            .get, TokenTests.target, token: text + "." + Base64URL.encode(Array(code)))
        #expect(response.text("code") == "token_invalid")
    }

    @Test func `tokens are rejected while the issuer cannot be reached`() async throws {
        let source = FakeIssuer()
        source.fail()
        let api = try await Self.api(source)
        #expect(try await Self.status(Self.claims(), source, api) == 401)
        #expect(try await api.send(.get, TokenTests.target).status == 200)
    }

    @Test func `a failed fetch is not repeated for 30 seconds`() async throws {
        let source = FakeIssuer()
        source.fail()
        let api = try await Self.api(source)
        for _ in 1...5 { #expect(try await Self.status(Self.claims(), source, api) == 401) }
        #expect(source.asked == 1)
        source.recover()
        #expect(try await Self.status(Self.claims(), source, api) == 401)
        api.time.advance(30)
        #expect(try await Self.status(Self.claims(), source, api) == 200)
    }

    @Test func `concurrent requests share one fetch`() async throws {
        let source = FakeIssuer()
        let api = try await Self.api(source)
        source.hold()
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 1...8 { group.addTask { try await Self.status(Self.claims(), source, api) } }
            group.addTask {
                while source.asked == 0 { await Task.yield() }
                for _ in 1...1_000 { await Task.yield() }
                source.release()
                return 200
            }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(statuses.allSatisfy { $0 == 200 } && source.asked == 1)
    }

    @Test func `a token of the external issuer is rejected before its nbf`() async throws {
        let source = FakeIssuer()
        let api = try await Self.api(source)
        let start = Int(api.time.now.timeIntervalSince1970) + 600
        #expect(try await Self.status(Self.claims(notBefore: start), source, api) == 401)
        api.time.advance(600)
        #expect(try await Self.status(Self.claims(notBefore: start), source, api) == 200)
    }

    private static func api(_ source: FakeIssuer) async throws -> APIFixture {
        try await APIFixture(
            externalIssuer: ExternalIssuer(issuer: "https://id.example", audience: "portico", source: source))
    }

    private static func status(_ claims: String, _ source: FakeIssuer, _ api: APIFixture) async throws -> Int {
        try await api.send(.get, TokenTests.target, token: source.sign(claims)).status
    }

    static func claims(
        issuer: String = "https://id.example", audience: String = #""portico""#, workspace: String = "default",
        notBefore: Int = 0
    ) -> String {
        """
        {"sub":"x","workspace":"\(workspace)","scope":"openid captive:read","exp":4000000000,"jti":"7",\
        "nbf":\(notBefore),"iss":"\(issuer)","aud":\(audience)}
        """
    }
}

/// An issuer that publishes one key.
final class FakeIssuer: KeySetSource, Sendable {
    private struct Unreachable: Error {}
    private let state: Mutex<(key: P256.Signing.PrivateKey, name: String, fetches: Int, isDown: Bool)>
    private let calls = Mutex((asked: 0, isHeld: false))

    init(name: String = "first") { state = Mutex((P256.Signing.PrivateKey(), name, 0, false)) }

    /// The number of requests for the key set, including failed ones.
    var asked: Int { calls.withLock(\.asked) }
    /// Blocks requests until `release`.
    func hold() { calls.withLock { $0.isHeld = true } }
    func release() { calls.withLock { $0.isHeld = false } }

    var fetches: Int { state.withLock { $0.fetches } }
    var name: String { state.withLock { $0.name } }
    var publicKey: Data { state.withLock { $0.key.publicKey.x963Representation } }

    func rotate() { state.withLock { ($0.key, $0.name) = (P256.Signing.PrivateKey(), "second") } }
    func fail() { state.withLock { $0.isDown = true } }
    func recover() { state.withLock { $0.isDown = false } }

    func keySet() async throws -> String {
        calls.withLock { $0.asked += 1 }
        while calls.withLock(\.isHeld) { await Task.yield() }
        return try state.withLock { state in
            if state.isDown { throw Unreachable() }
            state.fetches += 1
            let point = Array(state.key.publicKey.rawRepresentation)
            let (x, y) = (Base64URL.encode(point[..<32]), Base64URL.encode(point[32...]))
            return """
                {"keys":[{"kty":"EC","crv":"P-256","alg":"ES256","use":"sig","kid":"\(state.name)",\
                "x":"\(x)","y":"\(y)"}]}
                """
        }
    }

    func sign(_ claims: String) throws -> String {
        let (key, name) = state.withLock { ($0.key, $0.name) }
        let head = Base64URL.encode(Array(#"{"alg":"ES256","kid":"\#(name)"}"#.utf8))
        let text = head + "." + Base64URL.encode(Array(claims.utf8))
        let signature = try key.signature(for: Array(text.utf8))
        return text + "." + Base64URL.encode(Array(signature.rawRepresentation))
    }
}
