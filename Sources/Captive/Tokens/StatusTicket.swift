package import Foundation

/// What the status page's address carries: the session, and the ticket that led to it.
/// Sealed, valid beyond the session's end.
package struct StatusTicket: Sendable, Equatable {
    package var sessionID: UUID
    /// Whether who holds it may end the session.
    package var mayEnd: Bool
    /// Whether the router has not been able to say yet that the session's device is where the ticket says.
    package var awaitsRouter: Bool
    package var guest: GuestTicket

    package init(sessionID: UUID, mayEnd: Bool, awaitsRouter: Bool = false, guest: GuestTicket) {
        self.sessionID = sessionID
        self.mayEnd = mayEnd
        self.awaitsRouter = awaitsRouter
        self.guest = guest
    }

    package var message: [UInt8] {
        var writer = MessageWriter()
        writer.write(sessionID)
        writer.write((mayEnd ? 1 : 0) | (awaitsRouter ? 2 : 0))
        return writer.bytes + guest.message
    }

    /// Nil if `message` is not a status ticket's.
    package init?(message: [UInt8]) {
        var reader = MessageReader(message)
        guard let sessionID = reader.readUUID(), let rights = reader.readUInt64(),
            let guest = GuestTicket(message: Array(message[24...]))
        else { return nil }
        self.init(sessionID: sessionID, mayEnd: rights & 1 != 0, awaitsRouter: rights & 2 != 0, guest: guest)
    }
}
