package import NetworkAddress

/// What a gateway holds for one device on the portal's order, as `Gateway.list` tells it.
package struct GatewayEntry: Sendable, Hashable {
    package var mac: MACAddress
    /// The address at which it is let through; nil where the gateway goes by the MAC address alone.
    package var ip: IPAddress?
    /// False for what is left of a stay and lets nobody through by itself, such as a user without a session.
    package var isOnline: Bool
    /// Seconds after which the gateway itself ends it; nil where it does not tell.
    package var secondsLeft: Int?
    /// Bytes, both ways together, after which the gateway itself ends it; nil where no such limit is set.
    package var bytesLeft: Int?

    package init(
        mac: MACAddress, ip: IPAddress? = nil, isOnline: Bool = true, secondsLeft: Int? = nil, bytesLeft: Int? = nil
    ) {
        self.mac = mac
        self.ip = ip
        self.isOnline = isOnline
        self.secondsLeft = secondsLeft
        self.bytesLeft = bytesLeft
    }

    /// Whether `client` is let through by it, at its address where the gateway knows addresses.
    package func letsThrough(_ client: GatewayClient) -> Bool {
        isOnline && mac == client.mac && (ip == nil || ip == client.ip)
    }
}
