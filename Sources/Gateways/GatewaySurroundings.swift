package import Foundation
package import NetworkAddress

/// What the drivers of gateways on this machine have to know of the portal around them.
package struct GatewaySurroundings: Sendable {
    /// Where the portal listens in plain; nil if it does not.
    package var listener: Listener?
    /// The subnets in which a site's instances are active.
    package var guestSubnets: @Sendable (UUID) async throws -> [Subnet]

    /// An address, which may be a wildcard, and a TCP port.
    package struct Listener: Sendable, Equatable {
        package var ip: IPAddress
        package var port: UInt16

        package init(ip: IPAddress, port: UInt16) {
            self.ip = ip
            self.port = port
        }
    }

    package init(listener: Listener? = nil, guestSubnets: @escaping @Sendable (UUID) async throws -> [Subnet]) {
        self.listener = listener
        self.guestSubnets = guestSubnets
    }

    /// Those of no portal: no site has guests.
    package static let none = GatewaySurroundings { _ in [] }
}
