package import Captive
package import Foundation
import NetworkAddress

/// The state of one sign-in while the person is at the provider (RFC 9700 sections 2.1 and 4.4). Created for each
/// sign-in, and sealed while a browser holds it.
package struct SignInTransaction: Sendable, Equatable {
    /// Stored when the response arrives, so that no response is accepted twice.
    package var id: UUID
    package var provider: AuthIntegration.Provider
    package var integrationID: UUID
    /// The PKCE verifier (RFC 7636); nil if PKCE is off.
    package var verifier: String?
    package var nonce: String
    /// The issuer that the response must come from (RFC 9207).
    package var issuer: String
    /// Whether the response must contain `iss`, as the provider's metadata states.
    package var expectsIssuer: Bool
    package var tokenEndpoint: String
    package var redirectURI: String
    package var createdAt: Date
    /// SHA-256 of the value of the browser's cookie, as text.
    package var browser: String
    /// Data of the caller, returned unchanged.
    package var context: [UInt8]

    package init(
        id: UUID, provider: AuthIntegration.Provider, integrationID: UUID, verifier: String?, nonce: String,
        issuer: String, expectsIssuer: Bool, tokenEndpoint: String, redirectURI: String, createdAt: Date,
        browser: String, context: [UInt8]
    ) {
        self.id = id
        self.provider = provider
        self.integrationID = integrationID
        self.verifier = verifier
        self.nonce = nonce
        self.issuer = issuer
        self.expectsIssuer = expectsIssuer
        self.tokenEndpoint = tokenEndpoint
        self.redirectURI = redirectURI
        self.createdAt = createdAt
        self.browser = browser
        self.context = context
    }

    /// Seconds until the transaction expires.
    package static let lifetime: TimeInterval = 600

    package var message: [UInt8] {
        var writer = MessageWriter()
        writer.write(id)
        writer.write(provider.rawValue)
        writer.write(integrationID)
        writer.write(verifier)
        writer.write(nonce)
        writer.write(issuer)
        writer.write(UInt64(expectsIssuer ? 1 : 0))
        writer.write(tokenEndpoint)
        writer.write(redirectURI)
        writer.write(UInt64(saturating: max(0, createdAt.timeIntervalSince1970)))
        writer.write(browser)
        writer.write(UInt64(context.count))
        return writer.bytes + context
    }

    /// Nil if `message` is not a transaction.
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
            expectsIssuer: promised == 1, tokenEndpoint: tokenEndpoint, redirectURI: redirectURI,
            createdAt: Date(timeIntervalSince1970: Double(created)), browser: browser,
            context: Array(message.suffix(Int(clamping: count))))
    }
}
