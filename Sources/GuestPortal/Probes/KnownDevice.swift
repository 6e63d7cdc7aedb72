import Captive
import Foundation
import HTTPServer
import NetworkAddress
import Storage

/// Guests with an IPv6 address. A device has many of them, and neither subnets nor sessions contain any; if the router
/// knows the device of an address, the device determines the session.
extension GuestPortal {
    /// Returns the running session of the device at `address`; nil for IPv4, for which the address itself is the key.
    /// Costs one call to the router and one look-up; a router that knows only IPv4 is not called.
    func session(ofDeviceAt address: IPAddress, _ siteID: UUID, _ request: Request) async throws -> GuestSession? {
        guard address.bitWidth == 128, waitBeforeLookUp(request) == nil,
            let mac = try? await gateways.gateway(for: siteID)?.device(at: address),
            let session = try await store.latestSession(of: mac, at: siteID), session.isRunning(at: now())
        else { return nil }
        return session
    }

    /// Returns the status page of that session for a request to the entry. Only the device itself may end the session.
    func statusPath(ofDeviceAt address: IPAddress, _ siteID: UUID, _ request: Request) async throws -> String? {
        guard let session = try await session(ofDeviceAt: address, siteID, request) else { return nil }
        let ticket = GuestTicket(
            siteID: siteID, instanceID: session.instanceID, client: session.client)
        return tokens.statusPath(for: session, ticket, mayEnd: request.client == address)
    }
}
