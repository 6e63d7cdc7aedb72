// Gateways owns the drivers of routers and the reconciler that brings routers to their desired state. It depends on
// the rules (Captive) and the routers' protocols, and not on guest pages, the control API or the database.
//
// Reading order: GatewayFactory, SiteGateways, NoopGateway; RouterOS/RouterOSGateway and its extensions,
// RouterOS/RouterOSClient, RouterOS/RouterOSREST, RouterOS/API/RouterOSAPI (below it APIConnection, APISession,
// APISentenceReader, APIWire), RouterOS/RouterOSFault, RouterOS/CoalescedReads, RouterOS/DeviceLookUps,
// RouterOS/RouterOSInspection, RouterOS/RouterScript; Reconcile/DeviceQueue, Reconcile/Reconciler,
// Reconcile/RouterWatch and Reconcile/RouterComparison;
// Nftables/NftablesGateway, Nftables/NftRuleset, Nftables/NftTable, Nftables/WalledGardenNames, over Linux/;
// OpenNDS/OpenNDSGateway, OpenNDS/FASQuery, OpenNDS/FASCipher, OpenNDS/LocalOpenNDS (below it NdsControl, NdsStatus,
// NdsClient, NdsWalledGarden), OpenNDS/RemoteOpenNDS, OpenNDS/AuthList; WalledGarden/WalledGardenQueue,
// WalledGarden/WalledGardenWatch.

package import Captive
package import Foundation
package import HTTPClient

/// Creates the gateway for a site's router settings.
package struct GatewayFactory: Sendable {
    private let http: HTTPClient
    /// For calls on behalf of guests without a session, which must not use those of the reconciler.
    private let requests = HTTPClient(connectionsPerHost: 2)
    private let callTimeout: Duration
    private let context: GatewayContext
    private let policy: RouterPolicy

    /// `http` is shared by all gateways and must not be used for anything else: `policy` decides which of its
    /// connections are admitted. `callTimeout`: for one request to a router; shorter than the 10 s within which a
    /// recovered router has to be used again. `context`: for drivers that read sessions from the database.
    /// `policy`: which addresses routers may have, and which workspaces may use the portal's machine.
    package init(
        http: HTTPClient, policy: RouterPolicy, callTimeout: Duration = .seconds(4),
        context: GatewayContext = .none
    ) {
        self.http = http
        self.policy = policy
        self.context = context
        self.callTimeout = callTimeout
    }

    /// Throws `.misconfigured` if the settings or the machine lack what the driver needs.
    package func makeGateway(
        for settings: RouterSettings, at siteID: UUID, of workspace: Workspace = .default
    ) throws(GatewayError) -> any Gateway {
        guard policy.allows(settings.driver, for: workspace) else {
            throw .misconfigured("the workspace may not use the driver nftables; add it to the setting drivers.local")
        }
        switch settings.driver {
        case .none: return NoopGateway()
        case .routerosREST:
            let access = try RouterOSEndpoint(settings, schemes: ["https", "http"], policy: policy)
            return RouterOSGateway(
                RouterOSREST(access, http: http, callTimeout: callTimeout),
                requests: RouterOSREST(access, http: requests, callTimeout: callTimeout, slots: Self.requestSlots))
        case .routerosAPI:
            let access = try RouterOSEndpoint(settings, schemes: ["api-ssl", "api"], policy: policy)
            return RouterOSGateway(
                RouterOSAPI(access, http: http, callTimeout: callTimeout),
                requests: RouterOSAPI(access, http: requests, callTimeout: callTimeout, slots: Self.requestSlots))
        case .nftables: return try NftablesGateway(siteID: siteID, context: context)
        case .opennds:
            guard let key = settings.fasKey else { throw .misconfigured("the site's router has no faskey") }
            guard key.revealed != nil else { throw .misconfigured("the stored faskey \(Secret.unreadableAdvice)") }
            return OpenNDSGateway(
                siteID: siteID, key: key, context: context, mayBeLocal: policy.isLocal(workspace))
        }
    }

    /// The limit for one router; further calls are refused at once.
    private static var requestSlots: AsyncSemaphore { AsyncSemaphore(2, mostWaiting: 32) }
}
