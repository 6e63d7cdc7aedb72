// Gateways owns the drivers of the devices that let guests through, and the queue that delivers their orders. It knows
// the rules (Captive) and the routers' own languages, and nothing of guests' pages, the control API or databases.
//
// Reading order: GatewayFactory, SiteGateways, BooksOnlyGateway; RouterOS/RouterOSGateway and its extensions,
// RouterOS/RouterOSCommands, RouterOS/RouterOSREST, RouterOS/API/RouterOSAPI (below it APIConnection, APISession,
// APISentenceReader, APIWire), RouterOS/RouterOSFault, RouterOS/CoalescedReads, RouterOS/DeviceLookUps,
// RouterOS/RouterOSInspection, RouterOS/RouterScript; Reconcile/DeviceQueue, Reconcile/Reconciler, Reconcile/RouterWatch
// and Reconcile/RouterComparison;
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
    /// For what guests' requests cause: its connections are not those of the reconciler.
    private let requests = HTTPClient(connectionsPerHost: 2)
    private let callTimeout: Duration
    private let surroundings: GatewaySurroundings
    private let policy: RouterPolicy

    /// `http` is shared by all gateways. `callTimeout` is for one request to a router: one that hangs when the router
    /// comes back must not outlast the promise to be there within 10 s. `surroundings` are for drivers that know guests
    /// from the books. `policy` says which addresses routers may have, and who may use this machine. The connections
    /// that `http` keeps are admitted by it, so it is not to be shared with others.
    package init(
        http: HTTPClient, policy: RouterPolicy, callTimeout: Duration = .seconds(4),
        surroundings: GatewaySurroundings = .none
    ) {
        self.http = http
        self.policy = policy
        self.surroundings = surroundings
        self.callTimeout = callTimeout
    }

    /// Throws `.misconfigured` for settings, and for machines, that lack what the driver needs.
    package func makeGateway(
        for settings: RouterSettings, at siteID: UUID, of workspace: Workspace = .default
    ) throws(GatewayError) -> any Gateway {
        guard policy.allows(settings.driver, for: workspace) else {
            throw .misconfigured("the workspace may not use the driver nftables; the setting drivers.local names it")
        }
        switch settings.driver {
        case .none: return BooksOnlyGateway()
        case .routerosREST:
            let access = try RouterOSAccess(settings, schemes: ["https", "http"], policy: policy)
            return RouterOSGateway(
                RouterOSREST(access, http: http, callTimeout: callTimeout),
                requests: RouterOSREST(access, http: requests, callTimeout: callTimeout, slots: Self.requestSlots))
        case .routerosAPI:
            let access = try RouterOSAccess(settings, schemes: ["api-ssl", "api"], policy: policy)
            return RouterOSGateway(
                RouterOSAPI(access, http: http, callTimeout: callTimeout),
                requests: RouterOSAPI(access, http: requests, callTimeout: callTimeout, slots: Self.requestSlots))
        case .nftables: return try NftablesGateway(siteID: siteID, surroundings: surroundings)
        case .opennds:
            guard let key = settings.fasKey else { throw .misconfigured("the site's router has no faskey") }
            guard key.revealed != nil else { throw .misconfigured("the stored faskey \(Secret.unreadableAdvice)") }
            return OpenNDSGateway(
                siteID: siteID, key: key, surroundings: surroundings, mayBeLocal: policy.isLocal(workspace))
        }
    }

    /// Of one router; the rest is refused at once.
    private static var requestSlots: CallSlots { CallSlots(2, mostWaiting: 32) }
}
