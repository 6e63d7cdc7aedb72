package import Captive
package import Foundation
package import NetworkAddress

/// An openNDS gateway, for which the portal is the forwarding authentication service. An openNDS on this machine that
/// serves the site is controlled through ndsctl; any other one through the protocol of that service.
package final class OpenNDSGateway: FASGateway {
    private let local: LocalOpenNDS?
    private let remote: RemoteOpenNDS

    /// `key` is openNDS's option faskey.
    /// `mayBeLocal`: whether the site may use the openNDS of this machine. If false, ndsctl is never run.
    init(
        siteID: UUID, key: Secret, context: GatewayContext, mayBeLocal: Bool = true,
        now: @escaping WallClock = { Date() }
    ) {
        local = mayBeLocal ? LocalOpenNDS(siteID: siteID, context: context, now: now) : nil
        remote = RemoteOpenNDS(siteID: siteID, key: key, context: context, now: now)
    }

    private var current: any Gateway { get async { await currentLocal ?? remote } }

    /// The openNDS of this machine if it serves the site, or if no other one has called the portal.
    private var currentLocal: LocalOpenNDS? {
        get async { await local?.isOfSite ?? !remote.hasCalled ? local : nil }
    }

    package func capturedGuest(
        in field: @Sendable (String) -> String?, isSecure: Bool
    ) async throws(GatewayError) -> CapturedGuest? {
        guard let fas = field("fas") else { return nil }
        let query = try FASQuery(fas, iv: field("iv"), cipher: remote.cipher)
        var guest = CapturedGuest(client: query.client, destination: query.origin)
        if await local?.isOfSite != true {
            try remote.recordIntercept(query, isSecure: isSecure)
            guest.authURLs = remote.authURLs(for: query, isSecure: isSecure)
        }
        return guest
    }

    package func pollResponse(to field: @Sendable (String) -> String?) async -> String? {
        await remote.pollResponse(to: field)
    }

    package func expect(_ client: GatewayClient) async { remote.expect(client) }

    package func wait(before url: String, of sessionID: UUID) async -> Int? {
        remote.wait(before: url, of: sessionID)
    }

    package func verifyReachable(_ page: WalledGardenRule) async throws(GatewayError) {
        try await currentLocal?.verifyReachable(page)
    }

    package func canDisconnect(_ client: GatewayClient) async -> Bool {
        await currentLocal != nil || remote.hasIntercepted(client)
    }

    package func authorize(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {
        try await current.authorize(client, for: ttl)
    }

    package func revoke(_ client: GatewayClient) async throws(GatewayError) { try await current.revoke(client) }

    package func openWindow(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {
        try await current.openWindow(client, for: ttl)
    }

    package func closeWindow(_ client: GatewayClient) async throws(GatewayError) {
        try await current.closeWindow(client)
    }

    package func apply(_ rules: [WalledGardenRule]) async throws(GatewayError) { try await current.apply(rules) }

    package func walledGarden() async throws(GatewayError) -> [WalledGardenRule] { try await current.walledGarden() }

    package func list() async throws(GatewayError) -> [GatewayEntry] { try await current.list() }

    package func device(at address: IPAddress) async throws(GatewayError) -> MACAddress? {
        // Use the openNDS of this machine only if it is known to serve the site.
        guard let local, await local.isOfSite == true else { return try await remote.device(at: address) }
        return try await local.device(at: address)
    }

    package func holds(_ client: GatewayClient) async throws(GatewayError) -> Bool { try await current.holds(client) }

    package func health() async -> GatewayHealth { await current.health() }
}
