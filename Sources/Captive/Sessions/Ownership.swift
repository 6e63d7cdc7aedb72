package import Foundation
package import NetworkAddress

/// Proofs in a request that sessions belong to its guest. The MAC and IP address of a device alone prove nothing.
package struct Ownership: Sendable, Equatable {
    /// The session that the browser's cookie names.
    package var mark: Mark?
    /// The session whose status page the guest came from, with the right to end it.
    package var sessionID: UUID?
    /// The address from which the request comes.
    package var source: IPAddress?
    /// Whether the router has confirmed the pair of MAC and IP address that the request names.
    package var isKnown: Bool

    /// A session as a cookie names it. Valid until the session's next move.
    package struct Mark: Sendable, Equatable {
        package var sessionID: UUID
        package var moves: Int

        package init(sessionID: UUID, moves: Int) {
            self.sessionID = sessionID
            self.moves = moves
        }
    }

    package init(mark: Mark? = nil, sessionID: UUID? = nil, source: IPAddress? = nil, isKnown: Bool = false) {
        self.mark = mark
        self.sessionID = sessionID
        self.source = source
        self.isKnown = isKnown
    }

    /// Whether a request that names `client` proves that `session` belongs to its guest: its status page led here, its
    /// cookie is in the browser, or the request comes from the session's own device, at any address at which the router
    /// knows it. A proof of the session that `session` replaced does not count, because another guest may have started
    /// `session` on the device.
    package func covers(_ session: GuestSession, at client: GatewayClient) -> Bool {
        if sessionID == session.id || mark == Mark(sessionID: session.id, moves: session.moves) { return true }
        return isKnown && comesFrom(session, client)
    }

    /// Whether `covers` depends on the router's confirmation of the pair of addresses, which was not requested.
    package func needsRouter(for session: GuestSession, at client: GatewayClient) -> Bool {
        !isKnown && comesFrom(session, client)
    }

    private func comesFrom(_ session: GuestSession, _ client: GatewayClient) -> Bool {
        source == client.ip && session.client.mac == client.mac
    }
}
