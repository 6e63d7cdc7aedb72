package import NetworkAddress

/// What a gateway holds for one device of the portal, as returned by `Gateway.list`.
package struct GatewayEntry: Sendable, Hashable {
    package var mac: MACAddress
    /// The address at which the device is authorized; nil if the gateway identifies devices by MAC address alone.
    package var ip: IPAddress?
    /// False for the remains of a session that authorize no device by themselves, such as a user without a session.
    package var isOnline: Bool
    /// Seconds after which the gateway itself ends the entry; nil if it does not report them.
    package var secondsLeft: Int?
    /// Bytes, in both directions together, after which the gateway itself ends the entry; nil if there is no such
    /// limit.
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

    /// Whether the entry authorizes `client`, at its address if the gateway knows addresses.
    package func letsThrough(_ client: GatewayClient) -> Bool {
        isOnline && mac == client.mac && (ip == nil || ip == client.ip)
    }
}
