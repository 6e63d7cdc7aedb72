package import Foundation
package import NetworkAddress

/// What a request shows of the sessions that belong to its guest. Naming a device's MAC and IP address shows nothing.
package struct Ownership: Sendable, Equatable {
    /// The session that the browser's cookie names.
    package var mark: Mark?
    /// The session from whose status page the guest came, with the right to end it.
    package var sessionID: UUID?
    /// The address that the request comes from.
    package var source: IPAddress?
    /// Whether the router has confirmed the pair of MAC and IP address that the request names.
    package var isKnown: Bool

    /// A session as a cookie names it: good until the session's next move.
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

    /// Whether `session` is the guest's, for a request that names `client`: its status page led here, its cookie is in
    /// the browser, or the request comes from the session's own device, at whatever address the router knows it. A
    /// proof of the session that `session` replaced does not count: another guest may have started that one on the
    /// device.
    package func covers(_ session: GuestSession, at client: GatewayClient) -> Bool {
        if sessionID == session.id || mark == Mark(sessionID: session.id, moves: session.moves) { return true }
        return isKnown && comesFrom(session, client)
    }

    /// Whether `covers` depends on what the router says of the pair, which it was not asked yet.
    package func needsRouter(for session: GuestSession, at client: GatewayClient) -> Bool {
        !isKnown && comesFrom(session, client)
    }

    private func comesFrom(_ session: GuestSession, _ client: GatewayClient) -> Bool {
        source == client.ip && session.client.mac == client.mac
    }
}
