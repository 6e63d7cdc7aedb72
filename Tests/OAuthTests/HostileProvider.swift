import Captive
import Crypto
import CryptoExtras
import Foundation
import HTTPClient
import HTTPServer
import Logging
import NetworkAddress
import OAuth
import Synchronization

/// An identity provider on a real socket that simulates Microsoft, Google and GitHub with configurable faults.
final class HostileProvider: Responder, Sendable {
    /// The provider's faults.
    struct Faults: Sendable {
        /// Changes to the claims before they are signed; nil removes a claim.
        var claims: [String: (any Sendable)?] = [:]
        var header: [String: (any Sendable)?] = [:]
        var signing = Signing.rs256
        /// Responses by path suffix.
        var answers: [String: Response] = [:]
        /// Delays responses for paths with this suffix until `release`.
        var holds: String?
        var keyFields: [String: any Sendable] = [:]
        var documentFields: [String: any Sendable] = [:]
    }

    enum Signing: Sendable { case rs256, otherKey, hs256WithPublicKey, none }

    let faults = Mutex(Faults())
    let asked = Mutex<[String]>([])
    let tokenForms = Mutex<[String]>([])
    private let nonce = Mutex("")
    /// Creating a key takes up to a second, so all tests share two.
    private static let keys = Result {
        (try _RSA.Signing.PrivateKey(keySize: .bits2048), try _RSA.Signing.PrivateKey(keySize: .bits2048))
    }
    private let key: _RSA.Signing.PrivateKey
    private let otherKey: _RSA.Signing.PrivateKey
    let tenant = "6f1c2d3e-4a5b-4c6d-8e7f-9a0b1c2d3e4f"
    let keyID = Mutex("key-1")

    init() throws { (key, otherKey) = try Self.keys.get() }

    func set(_ change: (inout Faults) -> Void) { faults.withLock { change(&$0) } }

    func remember(nonce: String) { self.nonce.withLock { $0 = nonce } }

    func count(of ending: String) -> Int { asked.withLock { $0.count { $0.hasSuffix(ending) } } }

    let bodyLimit = 65_536

    func respond(to request: Request) async -> Response {
        asked.withLock { $0.append(request.path) }
        let faults = faults.withLock { $0 }
        if let ending = faults.holds, request.path.hasSuffix(ending) { await held() }
        if let answer = faults.answers.first(where: { request.path.hasSuffix($0.key) })?.value { return answer }
        let origin = "http://\(request.authority)"
        switch request.path {
        case let path where path.hasSuffix("/.well-known/openid-configuration"):
            return json(document(path, origin).merging(faults.documentFields) { $1 })
        case let path where path.hasSuffix("/keys"): return json(["keys": [publicKey(faults, origin, path)]])
        case let path where path.hasSuffix("/token"):
            tokenForms.withLock { $0.append(String(decoding: request.body, as: UTF8.self)) }
            return json(["access_token": "secret-access-token", "id_token": token(path, origin, faults)])
        case let path where path.hasSuffix("/access_token"): return json(["access_token": "secret-access-token"])
        case let path where path.hasSuffix("/user"): return json(["id": 42, "login": "octo", "name": "Octo"])
        case let path where path.hasSuffix("/user/emails"): return Response(.ok, body: .bytes(Array("[]".utf8)))
        default: return .text(.notFound, "no")
        }
    }

    /// Requests that wait for `release`. A client's cancellation does not end them.
    private let waiters = Mutex<[CheckedContinuation<Void, Never>]>([])
    private func held() async { await withCheckedContinuation { waiter in waiters.withLock { $0.append(waiter) } } }
    func release() {
        set { $0.holds = nil }
        let waiting = waiters.withLock { waiters in
            defer { waiters = [] }
            return waiters
        }
        waiting.forEach { $0.resume() }
    }

    private func base(_ path: String, _ origin: String) -> String {
        origin + "/"
            + path.split(separator: "/").prefix { ![".well-known", "token", "keys", "v2.0"].contains($0) }
            .joined(separator: "/")
    }

    private func document(_ path: String, _ origin: String) -> [String: any Sendable] {
        let base = base(path, origin)
        let isShared = path.contains("/common/") || path.contains("/organizations/")
        let issuer = isShared ? origin + "/ms/{tenantid}/v2.0" : path.contains("/ms/") ? base + "/v2.0" : base
        return [
            "issuer": issuer, "authorization_endpoint": base + "/authorize", "token_endpoint": base + "/token",
            "jwks_uri": base + "/keys",
        ]
    }

    private func publicKey(_ faults: Faults, _ origin: String, _ path: String) -> [String: any Sendable] {
        guard let numbers = try? key.publicKey.getKeyPrimitives() else { return [:] }
        let fields: [String: any Sendable] = [
            "kty": "RSA", "use": "sig", "kid": keyID.withLock { $0 }, "n": Base64URL.encode(numbers.modulus),
            "e": Base64URL.encode(numbers.publicExponent),
        ]
        return fields.merging(faults.keyFields) { $1 }
    }

    private func token(_ path: String, _ origin: String, _ faults: Faults) -> String {
        let now = Int(Date().timeIntervalSince1970)
        let isMicrosoft = path.contains("/ms/")
        var claims: [String: (any Sendable)?] = [
            "iss": isMicrosoft ? "\(origin)/ms/\(tenant)/v2.0" : base(path, origin), "aud": Client.id,
            "sub": "person-1", "iat": now, "exp": now + 600, "nonce": nonce.withLock { $0 },
            "email": "anna@aurora.example", "email_verified": true, "name": "Anna",
        ]
        if isMicrosoft { claims["tid"] = tenant }
        var header: [String: (any Sendable)?] = ["alg": "RS256", "kid": keyID.withLock { $0 }]
        switch faults.signing {
        case .none: header["alg"] = "none"
        case .hs256WithPublicKey: header["alg"] = "HS256"
        case .rs256, .otherKey: break
        }
        let signed = text(header.merging(faults.header) { $1 }) + "." + text(claims.merging(faults.claims) { $1 })
        return signed + "." + Base64URL.encode(signature(of: Array(signed.utf8), faults.signing))
    }

    private func signature(of signed: [UInt8], _ signing: Signing) -> [UInt8] {
        switch signing {
        case .none: return []
        case .hs256WithPublicKey:
            let secret = SymmetricKey(data: Array(key.publicKey.pemRepresentation.utf8))
            return Array(HMAC<SHA256>.authenticationCode(for: signed, using: secret))
        case .rs256, .otherKey:
            let signer = signing == .rs256 ? key : otherKey
            return (try? signer.signature(for: signed, padding: .insecurePKCS1v1_5)).map { Array($0.rawRepresentation) }
                ?? []
        }
    }

    private func text(_ fields: [String: (any Sendable)?]) -> String {
        Base64URL.encode(bytes(fields.compactMapValues { $0 }))
    }

    private func bytes(_ fields: [String: any Sendable]) -> [UInt8] {
        (try? JSONSerialization.data(withJSONObject: fields as [String: Any])).map(Array.init) ?? []
    }

    private func json(_ fields: [String: any Sendable]) -> Response {
        Response(.ok, headers: ["Content-Type": "application/json"], body: .bytes(bytes(fields)))
    }
}

/// The client registration of the tests.
enum Client {
    static let id = "portico-test"
    static let secret = "a-very-secret-secret"
}

/// A running `HostileProvider` and a `SignIn` that uses it.
final class SignInFixture: Sendable {
    let provider: HostileProvider
    let signIn: SignIn
    let origin: String
    private let server: Server

    init(timeout: Duration = .seconds(5), now: @escaping WallClock = { Date() }, pkce: Bool = true) throws {
        provider = try HostileProvider()
        server = Server(
            configuration: .init(listeners: [.init(address: SocketAddress(ip: .loopback, port: 0))], loops: 1),
            responder: provider, logger: Logger(label: "hostile"))
        origin = "http://\(try server.start()[0])"
        signIn = SignIn(
            settings: OAuthSettings(
                azureAuthority: origin + "/ms", googleIssuer: origin + "/google", githubURL: origin + "/gh",
                githubAPIURL: origin + "/gh/api", githubPKCE: pkce, timeout: timeout), client: HTTPClient(), now: now,
            logger: Logger(label: "sign-in"))
    }

    func stop() async { await server.shutdown(grace: .zero) }

    func integration(_ kind: AuthIntegration.Provider, tenant: String? = nil) -> AuthIntegration {
        AuthIntegration(
            id: UUID(), workspace: .default, name: "Test", provider: kind, clientID: Client.id,
            clientSecret: Secret(Client.secret), tenant: tenant ?? (kind == .azure ? "common" : nil), createdAt: Date())
    }

    func begin(_ integration: AuthIntegration) async throws(SignInFailure) -> SignInTransaction {
        let transaction = try await signIn.begin(
            integration, redirectURI: "http://portal.test/oauth/\(integration.provider.rawValue)/callback",
            browser: "b",
            context: []
        ).transaction
        provider.remember(nonce: transaction.nonce)
        return transaction
    }

    /// Runs a whole sign-in.
    func run(
        _ kind: AuthIntegration.Provider, tenant: String? = nil, query: String = "code=4%2F0abc"
    ) async throws(SignInFailure) -> SignIn.Result {
        let integration = integration(kind, tenant: tenant)
        let transaction = try await begin(integration)
        return try await signIn.finish(AuthorizationResponse(query: query), transaction, integration)
    }

    /// Returns the failure of a sign-in; nil if it succeeds.
    func failure(
        _ kind: AuthIntegration.Provider, tenant: String? = nil, query: String = "code=4%2F0abc"
    ) async -> SignInFailure? {
        do throws(SignInFailure) {
            _ = try await run(kind, tenant: tenant, query: query)
            return nil
        } catch {
            return error
        }
    }
}
