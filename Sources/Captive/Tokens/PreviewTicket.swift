package import Foundation

/// What a `preview_url` carries sealed: whose page is to be shown, to somebody who is no guest.
package struct PreviewTicket: Sendable, Equatable {
    package var instanceID: UUID
    /// What its `SealedToken` is made for.
    package static let purpose = "preview"
    /// Seconds that a preview address works: a day.
    package static let lifetime: TimeInterval = 86_400

    package init(instanceID: UUID) { self.instanceID = instanceID }

    package var message: [UInt8] {
        var writer = MessageWriter()
        writer.write(instanceID)
        return writer.bytes
    }

    /// Nil if `message` is not a ticket's.
    package init?(message: [UInt8]) {
        var reader = MessageReader(message)
        guard message.count == 16, let instanceID = reader.readUUID() else { return nil }
        self.init(instanceID: instanceID)
    }
}
