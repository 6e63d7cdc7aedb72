package import Foundation

/// The sealed content of a `preview_url`: the instance whose page is shown to an admin.
package struct PreviewTicket: Sendable, Equatable {
    package var instanceID: UUID
    /// The purpose of its `SealedToken`.
    package static let purpose = "preview"
    /// Seconds for which a preview address is valid: a day.
    package static let lifetime: TimeInterval = 86_400

    package init(instanceID: UUID) { self.instanceID = instanceID }

    package var message: [UInt8] {
        var writer = MessageWriter()
        writer.write(instanceID)
        return writer.bytes
    }

    /// Returns nil if `message` is not a ticket.
    package init?(message: [UInt8]) {
        var reader = MessageReader(message)
        guard message.count == 16, let instanceID = reader.readUUID() else { return nil }
        self.init(instanceID: instanceID)
    }
}
