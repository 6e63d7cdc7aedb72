package import Captive
package import Foundation
package import NetworkAddress

/// What drivers have to know of the portal around them.
package struct GatewaySurroundings: Sendable {
    /// Where the portal listens in plain; nil if it does not.
    package var listener: Listener?
    /// The subnets in which a site's instances are active.
    package var guestSubnets: @Sendable (UUID) async throws -> [Subnet]
    /// A site's guests who are let through, by the books.
    package var runningGuests: @Sendable (UUID) async throws -> [GatewayEntry]

    /// An address, which may be a wildcard, and a TCP port.
    package struct Listener: Sendable, Equatable {
        package var ip: IPAddress
        package var port: UInt16

        package init(ip: IPAddress, port: UInt16) {
            self.ip = ip
            self.port = port
        }
    }

    package init(
        listener: Listener? = nil, guestSubnets: @escaping @Sendable (UUID) async throws -> [Subnet],
        runningGuests: @escaping @Sendable (UUID) async throws -> [GatewayEntry]
    ) {
        self.listener = listener
        self.guestSubnets = guestSubnets
        self.runningGuests = runningGuests
    }

    /// Those of no portal: no site has guests.
    package static let none = GatewaySurroundings(guestSubnets: { _ in [] }, runningGuests: { _ in [] })
}
