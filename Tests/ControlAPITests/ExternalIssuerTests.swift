import Captive
import Crypto
import Foundation
import HTTPServer
import Synchronization
import Testing

@testable import ControlAPI

struct ExternalIssuerTests {
    @Test func `a token of the outside issuer is taken`() async throws {
        let source = KeyRing()
        let desk = try await Self.desk(source)
        for _ in 1...2 { #expect(try await Self.status(Self.claims(), source, desk) == 200) }
        #expect(source.fetches == 1)
        #expect(try await desk.send(.get, TokenTests.target).status == 200)
    }

    @Test(arguments: [
        claims(issuer: "https://evil.example"), claims(audience: "\"shop\""), claims(workspace: "No/One"),
        claims(audience: "[]"), #"{"sub":"x"}"#,
    ])
    func `a token for somebody else is refused`(claims: String) async throws {
        let source = KeyRing()
        #expect(try await Self.status(claims, source, Self.desk(source)) == 401)
    }

    @Test func `an audience may be one of several`() async throws {
        let source = KeyRing()
        #expect(try await Self.status(Self.claims(audience: #"["shop","portico"]"#), source, Self.desk(source)) == 200)
    }

    @Test func `a new key is fetched, but not for every stranger`() async throws {
        let source = KeyRing()
        let desk = try await Self.desk(source)
        #expect(try await Self.status(Self.claims(), source, desk) == 200)
        source.rotate()
        desk.time.advance(30)
        #expect(try await Self.status(Self.claims(), source, desk) == 200)
        #expect(source.fetches == 2)
        let stranger = KeyRing(name: "stranger")
        for _ in 1...3 { #expect(try await Self.status(Self.claims(), stranger, desk) == 401) }
        #expect(source.fetches == 2)
    }

    @Test func `the issuer's public key does not sign with HMAC`() async throws {
        let source = KeyRing()
        let head = Base64URL.encode(Array(#"{"alg":"HS256","kid":"\#(source.name)"}"#.utf8))
        let text = head + "." + Base64URL.encode(Array(Self.claims().utf8))
        let key = SymmetricKey(data: source.publicKey)
        let code = HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key)
        let answer = try await Self.desk(source).send(
            .get, TokenTests.target, token: text + "." + Base64URL.encode(Array(code)))
        #expect(answer.text("code") == "token_invalid")
    }

    @Test func `an issuer that cannot be reached lets nobody in`() async throws {
        let source = KeyRing()
        source.fail()
        let desk = try await Self.desk(source)
        #expect(try await Self.status(Self.claims(), source, desk) == 401)
        #expect(try await desk.send(.get, TokenTests.target).status == 200)
    }

    @Test func `a failure is remembered for half a minute`() async throws {
        let source = KeyRing()
        source.fail()
        let desk = try await Self.desk(source)
        for _ in 1...5 { #expect(try await Self.status(Self.claims(), source, desk) == 401) }
        #expect(source.asked == 1)
        source.recover()
        #expect(try await Self.status(Self.claims(), source, desk) == 401)
        desk.time.advance(30)
        #expect(try await Self.status(Self.claims(), source, desk) == 200)
    }

    @Test func `those who need the keys at the same time share one fetch`() async throws {
        let source = KeyRing()
        let desk = try await Self.desk(source)
        source.hold()
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 1...8 { group.addTask { try await Self.status(Self.claims(), source, desk) } }
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

    @Test func `a token of the outside issuer that is not valid yet is refused`() async throws {
        let source = KeyRing()
        let desk = try await Self.desk(source)
        let start = Int(desk.time.now.timeIntervalSince1970) + 600
        #expect(try await Self.status(Self.claims(notBefore: start), source, desk) == 401)
        desk.time.advance(600)
        #expect(try await Self.status(Self.claims(notBefore: start), source, desk) == 200)
    }

    private static func desk(_ source: KeyRing) async throws -> Desk {
        try await Desk(
            externalIssuer: ExternalIssuer(issuer: "https://id.example", audience: "portico", source: source))
    }

    private static func status(_ claims: String, _ source: KeyRing, _ desk: Desk) async throws -> Int {
        try await desk.send(.get, TokenTests.target, token: source.sign(claims)).status
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

/// An issuer's key, published as a set.
final class KeyRing: KeySetSource, Sendable {
    private struct Unreachable: Error {}
    private let state: Mutex<(key: P256.Signing.PrivateKey, name: String, fetches: Int, isDown: Bool)>
    private let calls = Mutex((asked: 0, isHeld: false))

    init(name: String = "first") { state = Mutex((P256.Signing.PrivateKey(), name, 0, false)) }

    /// How often the set was asked for, whether it was had or not.
    var asked: Int { calls.withLock(\.asked) }
    /// Lets those who ask wait until `release`.
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
