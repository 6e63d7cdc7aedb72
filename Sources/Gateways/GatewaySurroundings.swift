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
    /// What a site's walled garden is to be, by the books.
    package var walledGarden: @Sendable (UUID) async throws -> [WalledGardenRule]

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
        runningGuests: @escaping @Sendable (UUID) async throws -> [GatewayEntry],
        walledGarden: @escaping @Sendable (UUID) async throws -> [WalledGardenRule] = { _ in [] }
    ) {
        self.listener = listener
        self.guestSubnets = guestSubnets
        self.runningGuests = runningGuests
        self.walledGarden = walledGarden
    }

    /// As the driver's error where the books cannot be read.
    func wantedGarden(_ siteID: UUID) async throws(GatewayError) -> [WalledGardenRule] {
        do { return try await walledGarden(siteID) } catch { throw .busy("the books cannot be read") }
    }

    /// Those of no portal: no site has guests.
    package static let none = GatewaySurroundings(guestSubnets: { _ in [] }, runningGuests: { _ in [] })
}
