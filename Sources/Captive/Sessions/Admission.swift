package import Foundation

/// A request for a session by a guest who has signed in.
package struct Admission: Sendable {
    package var instance: Instance
    package var siteID: UUID
    package var client: GatewayClient
    package var identity: GuestSession.Identity
    /// Kind of device according to its user agent.
    package var device: String?
    package var now: Date
    /// Proofs in the request that the device's sessions belong to the guest.
    package var ownership: Ownership
    package var sessionID: UUID

    /// The result, which the store returns after the commit.
    package enum Outcome: Sendable, Equatable {
        /// The session was stored.
        case admitted(GuestSession)
        /// The device has an active session that the guest has not proved to own. Nothing was changed.
        case occupied
        /// The result depends on whether the router confirms the client's pair of addresses. The caller asks the router
        /// and tries again. Nothing was changed.
        case mustBeKnown
    }

    /// The rule for the device's active session. It is replaced if it belongs to the guest; a sign-in by the same
    /// person also proves this.
    package enum Verdict: Sendable, Equatable {
        case admit(replacing: GuestSession?)
        case occupied, mustBeKnown
    }

    /// `device`: the running sessions of the device at the site.
    package func verdict(device: [GuestSession]) -> Verdict {
        guard let active = device.first(where: { $0.status == .active && $0.isRunning(at: now) }) else {
            return .admit(replacing: nil)
        }
        let isSamePerson =
            active.identity.map { $0.provider == identity.provider && $0.subject == identity.subject } ?? false
        if isSamePerson || ownership.covers(active, at: client) { return .admit(replacing: active) }
        return ownership.needsRouter(for: active, at: client) ? .mustBeKnown : .occupied
    }

    package init(
        instance: Instance, siteID: UUID, client: GatewayClient, identity: GuestSession.Identity, device: String?,
        now: Date, ownership: Ownership = Ownership(), sessionID: UUID = UUID()
    ) {
        self.instance = instance
        self.siteID = siteID
        self.client = client
        self.identity = identity
        self.device = device
        self.now = now
        self.ownership = ownership
        self.sessionID = sessionID
    }

    /// The new session, `connecting`.
    package var session: GuestSession {
        GuestSession(
            id: sessionID, siteID: siteID, instanceID: instance.id, workspace: instance.workspace, client: client,
            strategy: .oauth2, identity: identity, device: device, ttl: instance.sessionTTL, createdAt: now,
            expiresAt: now.addingTimeInterval(Double(instance.sessionTTL)))
    }
}

/// The code that a guest types into a browser: eight characters, chosen to be hard to confuse with one another.
package struct HandoverCode: Sendable, Hashable {
    package let rawValue: String
    private static let length = 8
    private static let alphabet = Array("23456789abcdefghjkmnpqrstvwxyz".utf8)

    /// Parses what a guest typed. Ignores case and hyphens.
    package init?(typed text: String) {
        let bytes = text.lowercased().utf8.filter { $0 != UInt8(ascii: "-") }
        guard bytes.count == Self.length, bytes.allSatisfy(Self.alphabet.contains) else { return nil }
        rawValue = String(decoding: bytes, as: UTF8.self)
    }

    private init(trusted text: String) { rawValue = text }

    /// Returns a code that cannot be predicted if `generator` is cryptographically secure: 39 bits, valid for ten
    /// minutes.
    package static func random(using generator: inout some RandomNumberGenerator) -> HandoverCode {
        let bytes = (0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
        return HandoverCode(trusted: String(decoding: bytes, as: UTF8.self))
    }
}

extension HandoverCode: CustomStringConvertible {
    /// Dots: the code gives access to the guest's state.
    package var description: String { "••••••••" }
}
