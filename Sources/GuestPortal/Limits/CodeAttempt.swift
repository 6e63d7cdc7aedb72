package import Captive
package import Foundation
package import NetworkAddress

/// An attempt to enter a code, as the limits count it.
package struct CodeAttempt: Sendable, Hashable {
    let siteID: UUID
    let instanceID: Instance.ID
    /// The client that the ticket names; an attacker may have invented it.
    let client: GatewayClient
    /// The source of the request, in the form in which sources are counted.
    let source: IPAddress

    /// - Parameter source: the source address of the request.
    package init(siteID: UUID, instanceID: Instance.ID, client: GatewayClient, source: IPAddress) {
        self.siteID = siteID
        self.instanceID = instanceID
        self.client = client
        self.source = source.countedAs
    }

    init(_ ticket: GuestTicket, from source: IPAddress) {
        self.init(siteID: ticket.siteID, instanceID: ticket.instanceID, client: ticket.client, source: source)
    }
}
