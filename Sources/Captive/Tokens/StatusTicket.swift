package import Foundation

/// What the status page's address carries: the session, and the ticket that led to it.
/// Sealed, valid beyond the session's end.
package struct StatusTicket: Sendable, Equatable {
    package var sessionID: UUID
    /// Whether who holds it may end the session.
    package var mayEnd: Bool
    package var guest: GuestTicket

    package init(sessionID: UUID, mayEnd: Bool, guest: GuestTicket) {
        self.sessionID = sessionID
        self.mayEnd = mayEnd
        self.guest = guest
    }

    package var message: [UInt8] {
        var writer = MessageWriter()
        writer.write(sessionID)
        writer.write(mayEnd ? 1 : 0)
        return writer.bytes + guest.message
    }

    /// Nil if `message` is not a status ticket's.
    package init?(message: [UInt8]) {
        var reader = MessageReader(message)
        guard let sessionID = reader.readUUID(), let mayEnd = reader.readUInt64(),
            let guest = GuestTicket(message: Array(message[24...]))
        else { return nil }
        self.init(sessionID: sessionID, mayEnd: mayEnd == 1, guest: guest)
    }
}
