package import Foundation
import NetworkAddress

/// The state of a guest between pages. It is sealed and carried in the page's address, so any node can serve the guest.
package struct GuestTicket: Sendable, Equatable {
    package var siteID: UUID
    package var instanceID: UUID
    package var client: GatewayClient
    /// The address that the guest requested when the router intercepted it; http or https only.
    package var destination: String?
    /// Addresses at the gateway to which the guest's browser has to be redirected.
    package var authURLs: ClientAuthURLs
    /// The session that belongs to the guest; set if the ticket was created by that session's status page.
    package var owns: UUID?

    package init(
        siteID: UUID, instanceID: UUID, client: GatewayClient, destination: String? = nil,
        authURLs: ClientAuthURLs = ClientAuthURLs(), owns: UUID? = nil
    ) {
        self.siteID = siteID
        self.instanceID = instanceID
        self.client = client
        self.destination = destination
        self.authURLs = authURLs
        self.owns = owns
    }

    package var message: [UInt8] {
        var writer = MessageWriter()
        writer.write(siteID)
        writer.write(instanceID)
        writer.write(client.mac.rawValue)
        writer.write(client.ip.description)
        writer.write(destination)
        writer.write(authURLs.authenticate)
        writer.write(authURLs.deauthenticate)
        if let owns { writer.write(owns) }
        return writer.bytes
    }

    /// Returns nil if `message` is not a ticket.
    package init?(message: [UInt8]) {
        var reader = MessageReader(message)
        guard let siteID = reader.readUUID(), let instanceID = reader.readUUID(),
            let mac = reader.readUInt64().flatMap({ MACAddress(rawValue: $0) }),
            let address = reader.readText()?.flatMap({ IPAddress($0) }),
            let destination = reader.readText(), let authenticate = reader.readText(),
            let deauthenticate = reader.readText()
        else { return nil }
        self.init(
            siteID: siteID, instanceID: instanceID, client: GatewayClient(mac: mac, ip: address),
            destination: destination,
            authURLs: ClientAuthURLs(authenticate: authenticate, deauthenticate: deauthenticate),
            owns: reader.readUUID())
    }
}
