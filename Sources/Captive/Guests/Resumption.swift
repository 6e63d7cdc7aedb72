package import Foundation
package import NetworkAddress

/// A guest's wish to go on with a running session on a device that shows another MAC address than before.
package struct Resumption: Sendable {
    package var proof: Proof
    package var instanceID: UUID
    package var siteID: UUID
    package var client: GatewayClient
    package var now: Date

    /// What shows that the session is this guest's.
    package enum Proof: Sendable, Equatable {
        case code(ResumeCode)
        /// A browser's mark of the session, made after that many moves: good until the next.
        case mark(sessionID: UUID, moves: Int)
    }

    package init(proof: Proof, instanceID: UUID, siteID: UUID, client: GatewayClient, now: Date) {
        self.proof = proof
        self.instanceID = instanceID
        self.siteID = siteID
        self.client = client
        self.now = now
    }

    /// What became of it.
    package enum Outcome: Sendable, Equatable {
        /// The session is the device's now; the orders free its old place and let it through at the new, all durably.
        case resumed(GuestSession, [GatewayOrder])
        /// The device has this session of its own, which has more time left and would end. Nothing was changed.
        case occupied(GuestSession)
        /// No active session of the instance at the site has that proof. Nothing was changed.
        case unknown
        /// It has moved `limit` times in an hour; from that time on it may again. Nothing was changed.
        case tooOften(until: Date)
    }

    /// Moves of one session in `window` seconds: a phone changes its address rarely, a shared code often.
    package static let limit = 3
    package static let window: TimeInterval = 3_600

    /// True if `session` is one that the proof can move here.
    package func applies(to session: GuestSession) -> Bool {
        guard session.siteID == siteID, session.instanceID == instanceID, session.status == .active,
            session.isRunning(at: now)
        else { return false }
        guard case .mark(let id, let moves) = proof else { return true }
        return session.id == id && session.moves == moves
    }
}

/// Moves running sessions to their guests' devices.
package protocol ResumptionStore: Sendable {
    /// The session that the proof names, if it can be moved here now. Changes nothing.
    func resumable(_ resumption: Resumption) async throws -> GuestSession?
    /// Moves the session, frees its old place and writes both orders in one transaction; returns when it is on disk. A
    /// device that shows its own session's proof is let through again, which is no move.
    func resume(_ resumption: Resumption) async throws -> Resumption.Outcome
    /// When a running session of the instance last moved from `device` at the site to another; nil if none did.
    func departure(from device: MACAddress, at siteID: UUID, of instanceID: Instance.ID, now: Date) async throws
        -> Date?
}
