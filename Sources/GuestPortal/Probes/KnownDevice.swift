import Captive
import Foundation
import HTTPServer
import NetworkAddress

/// A guest who comes from an IPv6 address. Devices have many of them, and neither subnets nor sessions name any; where
/// the router knows whose it is, the device leads to its session.
extension GuestPortal {
    /// The running session of the device at `address`; nil for IPv4, where the address itself says more. One question
    /// to the router and one look-up; a router that knows IPv4 alone is not asked.
    func session(ofDeviceAt address: IPAddress, _ siteID: UUID, _ request: Request) async throws -> GuestSession? {
        guard address.bitWidth == 128, waitBeforeLookUp(request) == nil,
            let mac = try? await gateways.gateway(for: siteID)?.device(at: address),
            let session = try await books.sessions.latestSession(of: mac, at: siteID), session.isRunning(at: now())
        else { return nil }
        return session
    }

    /// The status page of that session, for who comes to the entry. Only its own device may end it.
    func statusPath(ofDeviceAt address: IPAddress, _ siteID: UUID, _ request: Request) async throws -> String? {
        guard let session = try await session(ofDeviceAt: address, siteID, request) else { return nil }
        let ticket = GuestTicket(
            siteID: siteID, instanceID: session.instanceID, client: session.client)
        return tokens.statusPath(for: session, ticket, mayEnd: request.client == address)
    }
}
