package import Captive
import Crypto
import Foundation
import NetworkAddress
package import OAuth

/// The dependencies of signing in, in addition to those of all guest pages.
package struct SignInServices: Sendable {
    let signIn: SignIn
    let states: SealedToken
    let signatures: SignedURL
    let publicURL: PublicURL
    /// Limits on starts of sign-ins.
    let starts = AttemptLimiter(perDevice: 10, perBucket: 300)
    /// Handover codes that one source opens. Many guests may share a source.
    let handoverTries = RateLimit<IPAddress>(600)

    package init(
        signIn: SignIn, sealer: Sealer, publicURL: PublicURL
    ) {
        self.signIn = signIn
        self.publicURL = publicURL
        states = SealedToken(sealer: sealer, purpose: "sign-in")
        signatures = SignedURL(sealer: sealer)
    }

    /// The address that is registered at the provider: one literal for each provider, never derived from a request.
    package static func redirectURI(_ provider: AuthIntegration.Provider, _ publicURL: PublicURL) -> String {
        "\(publicURL)/oauth/\(provider.rawValue)/callback"
    }

    func redirectURI(_ provider: AuthIntegration.Provider) -> String { Self.redirectURI(provider, publicURL) }

    /// Seals the state that the browser brings back. It can be opened for longer than it is valid, so that a late guest
    /// gets a page on how to continue.
    func seal(_ transaction: SignInTransaction) -> String {
        states.make(transaction.message, expires: transaction.createdAt + GuestTokens.ticketLifetime)
    }

    func open(_ state: String?, now: Date) -> SignInTransaction? {
        state.flatMap { try? states.open($0, now: now) }.flatMap(SignInTransaction.init(message:))
    }
}

/// The purpose of a sign-in.
enum SignInPurpose: Equatable {
    case guest(GuestTicket)
    /// A test by an admin; the address at which it began is valid until then.
    case test(until: Date)

    var context: [UInt8] {
        switch self {
        case .guest(let ticket): return [0] + ticket.message
        case .test(let until):
            var writer = MessageWriter()
            writer.write(UInt64(saturating: max(0, until.timeIntervalSince1970)))
            return [1] + writer.bytes
        }
    }

    init?(context: [UInt8]) {
        let rest = Array(context.dropFirst())
        switch context.first {
        case 0:
            guard let ticket = GuestTicket(message: rest) else { return nil }
            self = .guest(ticket)
        case 1:
            var reader = MessageReader(rest)
            guard let until = reader.readUInt64() else { return nil }
            self = .test(until: Date(timeIntervalSince1970: Double(until)))
        default: return nil
        }
    }
}
