package import Foundation
package import NetworkAddress

/// A request to continue a session on a device that shows another MAC address than before.
package struct Resumption: Sendable {
    package var proof: Proof
    package var instanceID: UUID
    package var siteID: UUID
    package var client: GatewayClient
    /// What the request shows of the sessions that its device has.
    package var ownership: Ownership
    package var now: Date

    /// What shows that the session is this guest's.
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
        /// The session moves to the device when the router has confirmed it, and runs where it is until then.
        case resumed(GuestSession)
        /// The device has this active session of its own. Nothing was changed.
        case occupied(GuestSession)
        /// No session of the instance at the site that runs or was signed out of has that proof. Nothing was changed.
        case unknown
        /// It has moved `limit` times in an hour; from that time on it may again. Nothing was changed.
        case tooOften(until: Date)
    }

    /// Moves of one session in `window` seconds: a phone changes its address rarely, a shared code often.
    package static let limit = 3
    package static let window: TimeInterval = 3_600

    /// Returns the time from which a session may move again to the client; nil if it may now. `moves`: when it moved in
    /// the last `window` seconds, oldest first.
    static func pause(of session: GuestSession, after moves: [Date], to client: GatewayClient) -> Date? {
        guard session.client.mac != client.mac, moves.count >= limit else { return nil }
        return moves[moves.count - limit].addingTimeInterval(window)
    }

    /// Whether `session` is one that the proof can move here. One that was signed out of comes back by its code alone.
    package func applies(to session: GuestSession) -> Bool {
        guard session.siteID == siteID, session.instanceID == instanceID else { return false }
        let isActive = session.status == .active && session.isRunning(at: now)
        switch proof {
        case .code: return isActive || session.canReturn(at: now)
        case .mark(let mark): return isActive && mark == Ownership.Mark(sessionID: session.id, moves: session.moves)
        }
    }
}

/// Moves running sessions to their guests' devices.
package protocol ResumptionStore: Sendable {
    /// The session that the proof names, if it can be moved here now. Changes nothing.
    func resumable(_ resumption: Resumption) async throws -> GuestSession?
    /// Applies `SessionLifecycle.resume` in one transaction. Returns when it is on disk.
    func resume(_ resumption: Resumption) async throws -> Resumption.Outcome
    /// When a running session of the instance last moved from `device` at the site to another; nil if none did.
    func departure(from device: MACAddress, at siteID: UUID, of instanceID: Instance.ID, now: Date) async throws
        -> Date?
}
