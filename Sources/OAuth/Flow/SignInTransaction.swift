package import Captive
package import Foundation
import NetworkAddress

/// What must be remembered while a person is at the provider (RFC 9700 sections 2.1 and 4.4): made anew for each try,
/// kept sealed, never accepted from a browser unsealed.
package struct SignInTransaction: Sendable, Equatable {
    /// Recorded when the answer comes, so that no answer is taken twice.
    package var id: UUID
    package var provider: AuthIntegration.Provider
    package var integrationID: UUID
    /// PKCE's secret (RFC 7636); nil where PKCE is off.
    package var verifier: String?
    package var nonce: String
    /// Whose answer is expected (RFC 9207).
    package var issuer: String
    /// Whether the provider promised to name itself in its answer.
    package var issuerIsPromised: Bool
    package var tokenEndpoint: String
    package var redirectURI: String
    package var createdAt: Date
    /// SHA-256 of what the browser's cookie holds, as text.
    package var browser: String
    /// The caller's own: what to do when the person is known.
    package var context: [UInt8]

    package init(
        id: UUID, provider: AuthIntegration.Provider, integrationID: UUID, verifier: String?, nonce: String,
        issuer: String, issuerIsPromised: Bool, tokenEndpoint: String, redirectURI: String, createdAt: Date,
        browser: String, context: [UInt8]
    ) {
        self.id = id
        self.provider = provider
        self.integrationID = integrationID
        self.verifier = verifier
        self.nonce = nonce
        self.issuer = issuer
        self.issuerIsPromised = issuerIsPromised
        self.tokenEndpoint = tokenEndpoint
        self.redirectURI = redirectURI
        self.createdAt = createdAt
        self.browser = browser
        self.context = context
    }

    /// Seconds that a person has at the provider.
    package static let lifetime: TimeInterval = 600

    package var message: [UInt8] {
        var writer = MessageWriter()
        writer.write(id)
        writer.write(provider.rawValue)
        writer.write(integrationID)
        writer.write(verifier)
        writer.write(nonce)
        writer.write(issuer)
        writer.write(UInt64(issuerIsPromised ? 1 : 0))
        writer.write(tokenEndpoint)
        writer.write(redirectURI)
        writer.write(UInt64(saturating: max(0, createdAt.timeIntervalSince1970)))
        writer.write(browser)
        writer.write(UInt64(context.count))
        return writer.bytes + context
    }

    /// Nil if `message` is not a transaction's.
    package init?(message: [UInt8]) {
        var reader = MessageReader(message)
        guard let id = reader.readUUID(),
            let provider = reader.readText()?.flatMap(AuthIntegration.Provider.init(rawValue:)),
            let integrationID = reader.readUUID(), let verifier = reader.readText(),
            let nonce = reader.readText() ?? nil, let issuer = reader.readText() ?? nil,
            let promised = reader.readUInt64(), let tokenEndpoint = reader.readText() ?? nil,
            let redirectURI = reader.readText() ?? nil, let created = reader.readUInt64(),
            let browser = reader.readText() ?? nil, let count = reader.readUInt64(), count <= message.count
        else { return nil }
        self.init(
            id: id, provider: provider, integrationID: integrationID, verifier: verifier, nonce: nonce, issuer: issuer,
            issuerIsPromised: promised == 1, tokenEndpoint: tokenEndpoint, redirectURI: redirectURI,
            createdAt: Date(timeIntervalSince1970: Double(created)), browser: browser,
            context: Array(message.suffix(Int(clamping: count))))
    }
}
