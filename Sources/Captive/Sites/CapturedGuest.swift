/// What a gateway told of a guest whom it has caught. It comes through the guest's browser, so the gateway has to
/// confirm the pair of addresses before anybody is let through.
package struct CapturedGuest: Sendable, Equatable {
    package var client: GatewayClient
    /// Where the guest was going.
    package var destination: String?

    package init(client: GatewayClient, destination: String? = nil) {
        self.client = client
        self.destination = destination
    }
}

/// A gateway that sends guests to the portal's entry with fields of its own.
package protocol CaptureReader: Gateway {
    /// Reads the entry's fields, whose values `field` gives by their names. Nil if there are none of this gateway's.
    /// Throws `.refused` for fields that it cannot have written.
    func capturedGuest(in field: (String) -> String?) throws(GatewayError) -> CapturedGuest?
}
