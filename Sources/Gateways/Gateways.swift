// Gateways owns the drivers of the devices that let guests through, and the queue that delivers their orders. It knows
// the rules (Captive) and the routers' own languages, and nothing of guests' pages, the control API or databases.
//
// Reading order: GatewayFactory, SiteGateways, BooksOnlyGateway; RouterOS/RouterOSRESTGateway and its extensions,
// RouterOS/RouterOSREST, RouterOS/RouterOSFault, RouterOS/CoalescedReads, RouterOS/RouterScript; Orders/DeliveryLine,
// Orders/OrderQueue, Orders/ExpiryWatch,
// Orders/RouterWatch.

package import Captive
package import Foundation
package import HTTPClient

/// Makes the gateway that a site's router settings ask for.
package struct GatewayFactory: Sendable {
    private let http: HTTPClient
    private let callTimeout: Duration
    private let surroundings: GatewaySurroundings

    /// `http` is shared by all gateways. `callTimeout` is for one request to a router: one that hangs when the router
    /// comes back must not outlast the promise to be there within 10 s. `surroundings` are for drivers of this machine.
    package init(http: HTTPClient, callTimeout: Duration = .seconds(4), surroundings: GatewaySurroundings = .none) {
        self.http = http
        self.surroundings = surroundings
        self.callTimeout = callTimeout
    }

    /// The drivers that this program contains.
    package static let drivers: [RouterSettings.Driver] = [.routerosREST, .nftables, .none]

    /// Throws `.misconfigured` for a driver this program does not contain, and for settings that lack what it needs.
    package func makeGateway(for settings: RouterSettings, at siteID: UUID) throws(GatewayError) -> any Gateway {
        switch settings.driver {
        case .none: return BooksOnlyGateway()
        case .routerosREST:
            let rest = try RouterOSREST(settings: settings, http: http, callTimeout: callTimeout)
            return RouterOSRESTGateway(rest: rest)
        case .nftables: return try NftablesGateway(siteID: siteID, surroundings: surroundings)
        case .routerosAPI, .opennds:
            let known = Self.drivers.map(\.rawValue).joined(separator: ", ")
            throw .misconfigured(
                "the driver \(settings.driver.rawValue) is not part of this program; it has \(known)")
        }
    }
}
