package import Captive
package import Foundation
package import NetworkAddress

/// What drivers need from the rest of the portal.
package struct GatewayContext: Sendable {
    /// The portal's plain HTTP listener; nil if there is none.
    package var listener: Listener?
    /// The subnets of a site's instances.
    package var guestSubnets: @Sendable (UUID) async throws -> [Subnet]
    /// A site's running sessions in the database.
    package var runningGuests: @Sendable (UUID) async throws -> [GatewayEntry]
    /// A site's walled garden in the database.
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

    /// As `walledGarden`. Throws `.busy` if the database cannot be read.
    func desiredWalledGarden(_ siteID: UUID) async throws(GatewayError) -> [WalledGardenRule] {
        do { return try await walledGarden(siteID) } catch { throw .busy("the database cannot be read") }
    }

    /// No subnets and no sessions.
    package static let none = GatewayContext(guestSubnets: { _ in [] }, runningGuests: { _ in [] })
}
