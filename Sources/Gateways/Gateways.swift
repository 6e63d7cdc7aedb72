// Gateways owns the drivers of the devices that let guests through, and the queue that delivers their orders. It knows
// the rules (Captive) and the routers' own languages, and nothing of guests' pages, the control API or databases.
//
// Reading order: GatewayFactory, SiteGateways, BooksOnlyGateway; RouterOS/RouterOSGateway and its extensions,
// RouterOS/RouterOSCommands, RouterOS/RouterOSREST, RouterOS/API/RouterOSAPI (below it APIConnection, APISession,
// APISentenceReader, APIWire), RouterOS/RouterOSFault, RouterOS/CoalescedReads, RouterOS/RouterOSInspection,
// RouterOS/RouterScript; Orders/DeliveryLine, Orders/OrderQueue, Orders/ExpiryWatch, Orders/RouterWatch;
// Nftables/NftablesGateway, Nftables/NftRuleset, Nftables/NftTable, Nftables/GardenNames, over LocalMachine/;
// OpenNDS/OpenNDSGateway, OpenNDS/FASQuery, OpenNDS/FASCipher, OpenNDS/LocalOpenNDS (below it NdsControl, NdsStatus,
// NdsClient, NdsGarden), OpenNDS/RemoteOpenNDS, OpenNDS/AuthList; WalledGarden/GardenAgenda,
// WalledGarden/WalledGardenWatch.

package import Captive
package import Foundation
package import HTTPClient

/// Makes the gateway that a site's router settings ask for.
package struct GatewayFactory: Sendable {
    private let http: HTTPClient
    private let callTimeout: Duration
    private let surroundings: GatewaySurroundings

    /// `http` is shared by all gateways. `callTimeout` is for one request to a router: one that hangs when the router
    /// comes back must not outlast the promise to be there within 10 s. `surroundings` are for drivers that know guests
    /// from the books.
    package init(http: HTTPClient, callTimeout: Duration = .seconds(4), surroundings: GatewaySurroundings = .none) {
        self.http = http
        self.surroundings = surroundings
        self.callTimeout = callTimeout
    }

    /// Throws `.misconfigured` for settings, and for machines, that lack what the driver needs.
    package func makeGateway(for settings: RouterSettings, at siteID: UUID) throws(GatewayError) -> any Gateway {
        switch settings.driver {
        case .none: return BooksOnlyGateway()
        case .routerosREST:
            let access = try RouterOSAccess(settings, schemes: ["https", "http"])
            return RouterOSGateway(RouterOSREST(access, http: http, callTimeout: callTimeout))
        case .routerosAPI:
            let access = try RouterOSAccess(settings, schemes: ["api-ssl", "api"])
            return RouterOSGateway(RouterOSAPI(access, http: http, callTimeout: callTimeout))
        case .nftables: return try NftablesGateway(siteID: siteID, surroundings: surroundings)
        case .opennds:
            guard let key = settings.fasKey else { throw .misconfigured("the site's router has no faskey") }
            guard key.revealed != nil else { throw .misconfigured("the stored faskey \(Secret.unreadableAdvice)") }
            return OpenNDSGateway(siteID: siteID, key: key, surroundings: surroundings)
        }
    }
}
