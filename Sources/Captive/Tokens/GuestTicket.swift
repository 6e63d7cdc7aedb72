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
    /// Where the guest's own browser has to go at the gateway.
    package var doors: GatewayDoors
    /// The session whose guest this is, if the ticket was made by that guest's own status page.
    package var owns: UUID?

    package init(
        siteID: UUID, instanceID: UUID, client: GatewayClient, destination: String? = nil,
        doors: GatewayDoors = GatewayDoors(), owns: UUID? = nil
    ) {
        self.siteID = siteID
        self.instanceID = instanceID
        self.client = client
        self.destination = destination
        self.doors = doors
        self.owns = owns
    }

    package var message: [UInt8] {
        var writer = MessageWriter()
        writer.write(siteID)
        writer.write(instanceID)
        writer.write(client.mac.rawValue)
        writer.write(client.ip.description)
        writer.write(destination)
        writer.write(doors.entrance)
        writer.write(doors.exit)
        if let owns { writer.write(owns) }
        return writer.bytes
    }

    /// Nil if `message` is not a ticket's.
    package init?(message: [UInt8]) {
        var reader = MessageReader(message)
        guard let siteID = reader.readUUID(), let instanceID = reader.readUUID(),
            let mac = reader.readUInt64().flatMap({ MACAddress(rawValue: $0) }),
            let address = reader.readText()?.flatMap({ IPAddress($0) }),
            let destination = reader.readText(), let entrance = reader.readText(), let exit = reader.readText()
        else { return nil }
        self.init(
            siteID: siteID, instanceID: instanceID, client: GatewayClient(mac: mac, ip: address),
            destination: destination, doors: GatewayDoors(entrance: entrance, exit: exit), owns: reader.readUUID())
    }
}
