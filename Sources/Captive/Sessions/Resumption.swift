package import Foundation
import NetworkAddress

/// A request to continue a session on a device that has another MAC address than before.
package struct Resumption: Sendable {
    package var proof: Proof
    package var instanceID: UUID
    package var siteID: UUID
    package var client: GatewayClient
    /// Proofs in the request that the device's sessions belong to the guest.
    package var ownership: Ownership
    package var now: Date

    /// A proof that the session belongs to this guest.
    package enum Proof: Sendable, Equatable {
        case code(ResumeCode)
        /// A browser's cookie.
        case mark(Ownership.Mark)
    }

    package init(
        proof: Proof, instanceID: UUID, siteID: UUID, client: GatewayClient, ownership: Ownership = Ownership(),
        now: Date
    ) {
        self.proof = proof
        self.instanceID = instanceID
        self.siteID = siteID
        self.client = client
        self.ownership = ownership
        self.now = now
    }

    /// The result, which the store returns after the commit.
    package enum Outcome: Sendable, Equatable {
        /// The session moves to the device when the router confirms it, and continues where it is until then.
        case resumed(GuestSession)
        /// The device has this active session of its own. Nothing was changed.
        case occupied(GuestSession)
        /// The instance has no running or signed-out session with this proof at the site. Nothing was changed.
        case unknown
        /// The session has moved `limit` times in an hour, and may move again at `until`. Nothing was changed.
        case tooOften(until: Date)
    }

    /// Maximum moves of one session in `window` seconds. A phone rarely changes its address; a shared code moves often.
    package static let limit = 3
    package static let window: TimeInterval = 3_600

    /// Returns the time from which the session may move to the client again; nil if it may move now. `moves`: when it
    /// moved in the last `window` seconds, oldest first.
    static func pause(of session: GuestSession, after moves: [Date], to client: GatewayClient) -> Date? {
        guard session.client.mac != client.mac, moves.count >= limit else { return nil }
        return moves[moves.count - limit].addingTimeInterval(window)
    }

    /// Whether the proof can move `session` here. A session that the guest signed out of returns by its code only.
    package func applies(to session: GuestSession) -> Bool {
        guard session.siteID == siteID, session.instanceID == instanceID else { return false }
        let isActive = session.status == .active && session.isRunning(at: now)
        switch proof {
        case .code: return isActive || session.canReturn(at: now)
        case .mark(let mark): return isActive && mark == Ownership.Mark(sessionID: session.id, moves: session.moves)
        }
    }
}
