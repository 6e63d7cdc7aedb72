package import Foundation
import NetworkAddress

/// What the portal knows of a guest on its way: it travels sealed in the guest's address line,
/// so any node can serve it.
package struct GuestTicket: Sendable, Equatable {
    package var siteID: UUID
    package var instanceID: UUID
    package var client: GatewayClient
    /// Where the guest was going when the router caught it; http or https only.
    package var destination: String?
    /// The router's own log-in address, as the router told it through the guest's browser: never trusted for access.
    package var linkLogin: String?

    package init(
        siteID: UUID, instanceID: UUID, client: GatewayClient, destination: String? = nil, linkLogin: String? = nil
    ) {
        self.siteID = siteID
        self.instanceID = instanceID
        self.client = client
        self.destination = destination
        self.linkLogin = linkLogin
    }

    package var message: [UInt8] {
        var writer = MessageWriter()
        writer.write(siteID)
        writer.write(instanceID)
        writer.write(client.mac.rawValue)
        writer.write(client.ip.description)
        writer.write(destination)
        writer.write(linkLogin)
        return writer.bytes
    }

    /// Nil if `message` is not a ticket's.
    package init?(message: [UInt8]) {
        var reader = MessageReader(message)
        guard let siteID = reader.readUUID(), let instanceID = reader.readUUID(),
            let mac = reader.readUInt64().flatMap({ MACAddress(rawValue: $0) }),
            let address = reader.readText()?.flatMap({ IPAddress($0) }),
            let destination = reader.readText(), let linkLogin = reader.readText()
        else { return nil }
        self.init(
            siteID: siteID, instanceID: instanceID, client: GatewayClient(mac: mac, ip: address),
            destination: destination,
            linkLogin: linkLogin)
    }
}
