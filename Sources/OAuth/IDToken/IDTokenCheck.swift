import Captive
import Foundation

/// The checks of an ID token that are the same for all providers (OpenID Connect Core section 3.1.3.7).
struct IDTokenCheck {
    let clientID: String
    let nonce: String
    let now: Date
    let directory: ProviderDirectory
    let keysURL: String

    /// The accepted clock difference in seconds.
    static let skew: TimeInterval = 120
    /// The only accepted algorithm, so neither `none` nor a public key used as an HMAC secret passes.
    static let algorithm = "RS256"

    /// Returns the token's claims after checking signature, issuer, audience, times and nonce.
    ///
    /// - Parameters:
    ///   - isIssuer: whether the claims' issuer is the expected one.
    ///   - keyIssuerFits: whether a key that is restricted to an issuer may sign these claims.
    func claims(
        of text: String?, _ checks: inout CheckList, isIssuer: ([String: ClaimValue]) -> (Bool, expected: String),
        keyIssuerFits: (_ keyIssuer: String, [String: ClaimValue]) -> Bool = { _, _ in true }
    ) async throws(SignInFailure) -> [String: ClaimValue] {
        try checks.require(text != nil, "ID token", "must be in the token response", else: .tokenMissing)
        let parsed = IDToken(text ?? "")
        try checks.require(
            parsed != nil, "format", "must be three parts, with JSON header and claims", else: .tokenMalformed)
        guard let token = parsed else { throw SignInFailure(.tokenMalformed, detail: "format") }
        let key = try await signingKey(of: token, &checks)
        try checks.require(
            await key.verifies(token.signature, of: token.signed), "signature", "must be valid for that key",
            else: .signatureInvalid)
        let issuer = isIssuer(token.claims)
        try checks.require(
            issuer.0, "iss", "\(token.claims["iss"]?.shown ?? "none"), expected \(issuer.expected)",
            else: .issuerMismatch)
        if let keyIssuer = key.issuer {
            try checks.require(
                keyIssuerFits(keyIssuer, token.claims), "key issuer", keyIssuer, else: .keyIssuerMismatch)
        }
        try checkAudience(token.claims, &checks)
        try checkTimes(token.claims, &checks)
        try checks.require(
            token.claims["nonce"]?.text == nonce, "nonce", "must match the request", else: .nonceMismatch)
        try checks.require(
            token.claims["sub"]?.text?.isEmpty == false, "sub", "must be present", else: .subjectMissing
        )
        return token.claims
    }

    private func signingKey(of token: IDToken, _ checks: inout CheckList) async throws(SignInFailure) -> SigningKey {
        try checks.require(
            token.algorithm == Self.algorithm, "alg",
            "\(token.algorithm?.prefix(16) ?? "none"), expected \(Self.algorithm)", else: .algorithmRefused)
        try checks.require(token.keyID != nil, "kid", "must be present", else: .keyIDMissing)
        let id = token.keyID ?? ""
        let key = try await checks.step("signing keys", "read from \(ProviderClient.hostAndPath(keysURL))") {
            () async throws(SignInFailure) in try await directory.key(id, at: keysURL)
        }
        try checks.require(
            key != nil, "key", "“\(id.prefix(64))” must be one of the provider's keys", else: .keyUnknown)
        guard let key else { throw SignInFailure(.keyUnknown, detail: "key") }
        return key
    }

    private func checkAudience(_ claims: [String: ClaimValue], _ checks: inout CheckList) throws(SignInFailure) {
        let audiences = claims["aud"]?.text.map { [$0] } ?? claims["aud"]?.array.compactMap(\.text) ?? []
        try checks.require(
            audiences.contains(clientID), "aud", audiences.joined(separator: ", "), else: .audienceMismatch)
        let party = claims["azp"]?.text
        try checks.require(
            party == clientID || party == nil && audiences.count == 1, "azp", party ?? "none",
            else: .authorizedPartyMismatch)
    }

    private func checkTimes(_ claims: [String: ClaimValue], _ checks: inout CheckList) throws(SignInFailure) {
        let expiry = claims["exp"]?.date
        try checks.require(
            expiry.map { $0 > now - Self.skew } ?? false, "exp", expiry.map(Self.shown) ?? "none", else: .expired)
        if let start = claims["nbf"]?.date {
            try checks.require(start <= now + Self.skew, "nbf", Self.shown(start), else: .notYetValid)
        }
        let issued = claims["iat"]?.date
        try checks.require(
            issued.map { $0 <= now + Self.skew } ?? false, "iat", issued.map(Self.shown) ?? "none",
            else: .issuedInFuture)
    }

    private static func shown(_ date: Date) -> String { date.formatted(.iso8601) }
}
