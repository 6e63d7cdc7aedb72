package import Foundation

/// What the status page's address carries: the session, and the ticket that led to it. Sealed, valid beyond the session's end.
package struct StatusTicket: Sendable, Equatable {
    package var sessionID: UUID
    package var guest: GuestTicket

    package init(sessionID: UUID, guest: GuestTicket) {
        self.sessionID = sessionID
        self.guest = guest
    }

    package var message: [UInt8] {
        var writer = MessageWriter()
        writer.write(sessionID)
        return writer.bytes + guest.message
    }

    /// Nil if `message` is not a status ticket's.
    package init?(message: [UInt8]) {
        var reader = MessageReader(message)
        guard let sessionID = reader.readUUID(), let guest = GuestTicket(message: Array(message[16...])) else {
            return nil
        }
        self.init(sessionID: sessionID, guest: guest)
    }
}
