package import Foundation

/// The sealed content of the status page's address: the session and the guest's ticket. Valid beyond the session's end.
package struct StatusTicket: Sendable, Equatable {
    package var sessionID: UUID
    /// Whether the ticket permits ending the session.
    package var mayEnd: Bool
    /// Whether the router has not been able to confirm the address of the session's device.
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

    /// Returns nil if `message` is not a status ticket.
    package init?(message: [UInt8]) {
        var reader = MessageReader(message)
        guard let sessionID = reader.readUUID(), let rights = reader.readUInt64(),
            let guest = GuestTicket(message: Array(message[24...]))
        else { return nil }
        self.init(sessionID: sessionID, mayEnd: rights & 1 != 0, awaitsRouter: rights & 2 != 0, guest: guest)
    }
}
