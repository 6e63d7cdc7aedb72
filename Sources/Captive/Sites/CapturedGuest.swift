package import Foundation

/// What a gateway told of a guest whom it has caught. It comes through the guest's browser, so the gateway has to
/// confirm the pair of addresses before anybody is let through.
package struct CapturedGuest: Sendable, Equatable {
    package var client: GatewayClient
    /// Where the guest was going.
    package var destination: String?
    /// The gateway's own doors, for a gateway that the portal cannot reach.
    package var doors = GatewayDoors()

    package init(client: GatewayClient, destination: String? = nil, doors: GatewayDoors = GatewayDoors()) {
        self.client = client
        self.destination = destination
        self.doors = doors
    }
}

/// Addresses at a gateway to which the guest's own browser goes on the portal's behalf. Each is good for one guest, and
/// a secret until that guest may have it.
package struct GatewayDoors: Sendable, Equatable {
    /// Lets the guest through; ends where the address to come back to is put, percent-encoded. Nil where the gateway
    /// learns of it without the guest.
    package var entrance: String?
    /// Cuts the guest off.
    package var exit: String?

    package init(entrance: String? = nil, exit: String? = nil) {
        self.entrance = entrance
        self.exit = exit
    }
}

/// A gateway that sends guests to the portal's entry with fields of its own, and may come there itself.
package protocol ForwardingGateway: Gateway {
    /// Reads the entry's fields, whose values `field` gives by their names. Nil if there are none of this gateway's.
    /// Throws `.refused` for fields that it cannot have written. `isSecure`: whether they came over TLS.
    func capturedGuest(
        in field: @Sendable (String) -> String?, isSecure: Bool
    ) async throws(GatewayError) -> CapturedGuest?
    /// What the gateway itself is to be answered, if the entry's fields are its own and no guest's; else nil.
    func answer(to field: @Sendable (String) -> String?) async -> String?
    /// The guest's browser is being sent to the gateway's entrance.
    func expect(_ client: GatewayClient) async
    /// Seconds until the guest's browser may be sent to `entrance` for the session; nil for now. Each entrance lets one
    /// device through, and nothing proves that it is the session's: so a session is given few of them.
    func wait(before entrance: String, of sessionID: UUID) async -> Int?
    /// Throws `.misconfigured` if guests are known not to reach `page`, where they are to sign in, before they are let
    /// through: the gateway's own settings open the way, which `openWindow` cannot.
    func checkWay(to page: WalledGardenRule) async throws(GatewayError)
    /// Whether `client`, who was let through, can be cut off before the time is over, or is off already. If not, the
    /// gateway is not told for ten minutes to let it through again, so that an admin can cut it off there.
    func cutsOff(_ client: GatewayClient) async -> Bool
}
