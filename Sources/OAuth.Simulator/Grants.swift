import Crypto
import Foundation
import Synchronization

/// The simulated provider.
enum Flavor: String, Sendable, CaseIterable {
    case microsoft = "Microsoft"
    case google = "Google"
    case github = "GitHub"
}

/// The parameters of an authorization request.
struct AuthorizationRequest: Sendable, Equatable {
    var flavor: Flavor
    /// Microsoft's tenant in the path; empty for other providers.
    var tenant: String
    var clientID: String
    var redirectURI: String
    var scope: String
    var state: String?
    var nonce: String?
    var challenge: String?
    var challengeMethod: String?
    var domainHint: String?
}

/// A person's authorization of a request.
struct Grant: Sendable {
    var request: AuthorizationRequest
    var person: SimulatedPerson
    /// Whether `verifier` matches the request's code challenge (RFC 7636 section 4.6).
    func isProved(by verifier: String?) -> Bool {
        guard let challenge = request.challenge else { return verifier == nil || request.flavor == .github }
        guard let verifier, (43...128).contains(verifier.utf8.count) else { return false }
        return TokenSigner.base64URL(Array(SHA256.hash(data: Data(verifier.utf8)))) == challenge
    }
}

/// Issued codes and access tokens. Thread-safe.
final class Grants: Sendable {
    private struct State {
        var codes: [String: Grant] = [:]
        var tokens: [String: Grant] = [:]
    }

    private let state = Mutex(State())

    /// Issues a code that can be redeemed once. Contains a slash, like Google's codes.
    func code(for grant: Grant) -> String {
        let code = "4/0" + Self.random()
        state.withLock { $0.codes[code] = grant }
        return code
    }

    func redeem(_ code: String) -> Grant? { state.withLock { $0.codes.removeValue(forKey: code) } }

    func accessToken(for grant: Grant) -> String {
        let token = "sim_" + Self.random()
        state.withLock { $0.tokens[token] = grant }
        return token
    }

    func grant(of token: String) -> Grant? { state.withLock { $0.tokens[token] } }

    private static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        return TokenSigner.base64URL((0..<24).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }
}
