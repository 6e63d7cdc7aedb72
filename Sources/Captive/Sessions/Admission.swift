package import Foundation

/// A request for a session by a person who has signed in.
package struct Admission: Sendable {
    package var instance: Instance
    package var siteID: UUID
    package var client: GatewayClient
    package var identity: GuestSession.Identity
    /// Kind of device according to its user agent.
    package var device: String?
    package var now: Date
    /// What the request shows of the device's sessions.
    package var ownership: Ownership
    package var sessionID: UUID

    /// The result, which the store returns after the commit.
    package enum Outcome: Sendable, Equatable {
        /// The session is written.
        case admitted(GuestSession)
        /// The device has an active session that this guest has not shown to own. Nothing was changed.
        case occupied
        /// What the router says of the client's pair decides: to be tried again when it was asked. Nothing was changed.
        case mustBeKnown
    }

    /// The rule for the device's active session: it is replaced if it is the guest's own, which the same person's
    /// sign-in shows as well.
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

    /// The session that it begins, `connecting`.
    package var session: GuestSession {
        GuestSession(
            id: sessionID, siteID: siteID, instanceID: instance.id, workspace: instance.workspace, client: client,
            strategy: .oauth2, identity: identity, device: device, ttl: instance.sessionTTL, createdAt: now,
            expiresAt: now.addingTimeInterval(Double(instance.sessionTTL)))
    }
}

/// Keeps what sign-ins leave behind.
package protocol SignInLedger: Sendable {
    /// Notes, durably, that a sign-in's answer is taken. False if it was taken before. The note may be dropped after
    /// `expires`, when the sign-in could not be finished any more.
    func take(_ transactionID: UUID, expires: Date, now: Date) async throws -> Bool
    /// Applies `SessionLifecycle.admit` in one transaction. Returns when it is on disk.
    func admit(_ admission: Admission) async throws -> Admission.Outcome
}

/// Keeps the state of guests who move from a captive window to a browser, by the code that they carry over.
package protocol HandoverStore: Sendable {
    /// Keeps `message` until `expires`. The code itself is not kept, nor can it be found out from what is.
    func keepHandover(_ code: HandoverCode, _ message: [UInt8], expires: Date, now: Date) async throws
    /// The message, once; nil for a code that is unknown, used or expired.
    func takeHandover(_ code: HandoverCode, now: Date) async throws -> [UInt8]?
}

/// What a guest types into a browser: eight characters that are hard to mistake for one another.
package struct HandoverCode: Sendable, Hashable {
    package let rawValue: String
    private static let length = 8
    private static let alphabet = Array("23456789abcdefghjkmnpqrstvwxyz".utf8)

    /// Reads what a guest typed; case and hyphens do not matter.
    package init?(typed text: String) {
        let bytes = text.lowercased().utf8.filter { $0 != UInt8(ascii: "-") }
        guard bytes.count == Self.length, bytes.allSatisfy(Self.alphabet.contains) else { return nil }
        rawValue = String(decoding: bytes, as: UTF8.self)
    }

    private init(trusted text: String) { rawValue = text }

    /// A code that nobody can foresee, if `generator` is cryptographically secure: 39 bits, for ten minutes.
    package static func random(using generator: inout some RandomNumberGenerator) -> HandoverCode {
        let bytes = (0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
        return HandoverCode(trusted: String(decoding: bytes, as: UTF8.self))
    }
}

extension HandoverCode: CustomStringConvertible {
    /// Dots: who has the code has the guest's place.
    package var description: String { "••••••••" }
}
