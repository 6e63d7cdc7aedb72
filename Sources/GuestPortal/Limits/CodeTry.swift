package import Captive
package import Foundation
package import NetworkAddress

/// A code that somebody enters, as far as limits look at it.
package struct CodeTry: Sendable, Hashable {
    let siteID: UUID
    let instanceID: Instance.ID
    /// As the ticket says; an attacker may have invented it.
    let client: GatewayClient
    /// Where the request comes from, as clients are counted.
    let source: IPAddress

    /// - Parameter source: the address that the request comes from.
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
